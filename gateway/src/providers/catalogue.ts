import { GOOGLE_CLOUD, PRESETS } from "./presets.ts";
import type { Vendor } from "./vendor.ts";

export type { Vendor } from "./vendor.ts";

/** All types of provider, in the order they are offered. */
export const VENDORS: readonly Vendor[] = [
  {
    type: "openai",
    label: "OpenAI",
    dialect: "openai-chat",
    otherDialects: ["openai-responses"],
    transport: "http",
    baseUrl: "https://api.openai.com/v1",
    needsBaseUrl: false,
    authScheme: { kind: "bearer" },
    quirks: { maxTokensField: "max_completion_tokens", refusedFields: ["top_k"] },
    listModelsPath: "/models",
    selfHosted: false,
    keyVariable: "OPENAI_API_KEY",
    foundAtStart: true,
    baseUrlVariable: "OPENAI_BASE_URL",
    keysPage: "https://platform.openai.com/api-keys",
  },
  {
    type: "google",
    label: "Google Gemini",
    dialect: "gemini",
    transport: "http",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
    needsBaseUrl: false,
    authScheme: { kind: "header", name: "x-goog-api-key" },
    partsScheme: GOOGLE_CLOUD,
    quirks: {},
    listModelsPath: "/models?pageSize=1000",
    selfHosted: false,
    keyVariable: "GEMINI_API_KEY",
    otherKeyVariables: ["GOOGLE_API_KEY"],
    foundAtStart: true,
    keysPage: "https://aistudio.google.com/apikey",
  },
  {
    type: "anthropic",
    label: "Anthropic",
    dialect: "anthropic-messages",
    transport: "http",
    baseUrl: "https://api.anthropic.com",
    needsBaseUrl: false,
    authScheme: { kind: "header", name: "x-api-key" },
    quirks: {},
    listModelsPath: "/v1/models?limit=1000",
    listModelsHeaders: { "anthropic-version": "2023-06-01" },
    selfHosted: false,
    keyVariable: "ANTHROPIC_API_KEY",
    foundAtStart: true,
    baseUrlVariable: "ANTHROPIC_BASE_URL",
    keysPage: "https://console.anthropic.com/settings/keys",
  },
  {
    type: "bedrock",
    label: "Amazon Bedrock",
    dialect: "bedrock-converse",
    transport: "http",
    addressPattern: "https://bedrock-runtime.{region}.amazonaws.com",
    needsBaseUrl: true,
    authScheme: { kind: "bearer" },
    partsScheme: { kind: "aws_sigv4", service: "bedrock" },
    quirks: {},
    listModelsPath: "/foundation-models",
    // Newer models are called by these alone.
    moreModelsPath: "/inference-profiles?maxResults=1000",
    listModelsAddress: { of: /^https:\/\/bedrock-runtime([.-])/, is: "https://bedrock$1" },
    selfHosted: false,
    keyVariable: "AWS_BEARER_TOKEN_BEDROCK",
    partVariables: {
      access_key_id: "AWS_ACCESS_KEY_ID",
      secret_access_key: "AWS_SECRET_ACCESS_KEY",
      session_token: "AWS_SESSION_TOKEN",
      region: "AWS_REGION",
    },
    addressVariables: { region: ["AWS_REGION", "AWS_DEFAULT_REGION"] },
    foundAtStart: true,
    baseUrlVariable: "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    keysPage: "https://console.aws.amazon.com/bedrock/home#/api-keys",
  },
  {
    type: "azure",
    label: "Azure OpenAI",
    dialect: "openai-chat",
    otherDialects: ["openai-responses"],
    transport: "http",
    addressPattern: "https://{resource}.openai.azure.com/openai/v1",
    basePath: "/openai/v1",
    needsBaseUrl: true,
    authScheme: { kind: "header", name: "api-key" },
    partsScheme: { kind: "entra", scope: "https://cognitiveservices.azure.com/.default" },
    quirks: { maxTokensField: "max_completion_tokens" },
    listModelsPath: "/models",
    selfHosted: false,
    keyVariable: "AZURE_OPENAI_API_KEY",
    otherKeyVariables: ["AZURE_API_KEY"],
    partVariables: {
      tenant_id: "AZURE_TENANT_ID",
      client_id: "AZURE_CLIENT_ID",
      client_secret: "AZURE_CLIENT_SECRET",
    },
    ownModelNames: true,
    foundAtStart: true,
    baseUrlVariable: "AZURE_OPENAI_ENDPOINT",
    keysPage: "https://portal.azure.com",
  },
  {
    type: "mistral",
    label: "Mistral",
    dialect: "openai-chat",
    transport: "http",
    baseUrl: "https://api.mistral.ai/v1",
    needsBaseUrl: false,
    authScheme: { kind: "bearer" },
    // A field that Mistral does not know is a 422. Usage comes with the last chunk without being asked for.
    quirks: {
      noStreamOptions: true,
      seedField: "random_seed",
      refusedFields: ["user", "logit_bias", "logprobs", "top_logprobs", "service_tier", "store", "verbosity"],
      prefill: { message: { prefix: true }, echoes: true },
    },
    listModelsPath: "/models",
    selfHosted: false,
    keyVariable: "MISTRAL_API_KEY",
    foundAtStart: true,
    keysPage: "https://console.mistral.ai/api-keys",
  },
  {
    type: "qwen",
    label: "Qwen (Alibaba Cloud Model Studio)",
    dialect: "openai-chat",
    transport: "http",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    needsBaseUrl: false,
    authScheme: { kind: "bearer" },
    quirks: { cacheControl: true, prefill: { message: { partial: true } } },
    listModelsPath: "/models",
    selfHosted: false,
    keyVariable: "DASHSCOPE_API_KEY",
    foundAtStart: true,
  },
  {
    type: "cohere",
    label: "Cohere",
    dialect: "cohere",
    transport: "http",
    baseUrl: "https://api.cohere.com",
    needsBaseUrl: false,
    authScheme: { kind: "bearer" },
    quirks: {},
    listModelsPath: "/v1/models?endpoint=chat&page_size=1000",
    selfHosted: false,
    keyVariable: "COHERE_API_KEY",
    otherKeyVariables: ["CO_API_KEY"],
    foundAtStart: true,
    keysPage: "https://dashboard.cohere.com/api-keys",
  },
  {
    type: "custom",
    label: "Any OpenAI-compatible server",
    dialect: "openai-chat",
    otherDialects: ["openai-responses"],
    transport: "http",
    needsBaseUrl: true,
    authScheme: { kind: "bearer", optional: true },
    quirks: {},
    listModelsPath: "/models",
    selfHosted: false,
    foundAtStart: false,
  },
  {
    type: "scaiinfer",
    label: "A pool of OpenAI-compatible servers of your own",
    dialect: "openai-chat",
    transport: "pool",
    needsBaseUrl: false,
    authScheme: { kind: "bearer", optional: true },
    quirks: {},
    listModelsPath: "/models",
    selfHosted: true,
    foundAtStart: false,
  },
  {
    type: "sandbox",
    label: "Sandbox",
    dialect: "openai-chat",
    transport: "sandbox",
    needsBaseUrl: false,
    authScheme: { kind: "none" },
    quirks: {},
    listModelsPath: "/models",
    selfHosted: false,
    foundAtStart: false,
  },
];

const BY_TYPE: ReadonlyMap<string, Vendor> = new Map(VENDORS.map((vendor) => [vendor.type, vendor]));
const BY_PRESET: ReadonlyMap<string, Vendor> = new Map(PRESETS.map((vendor) => [vendorName(vendor), vendor]));

/** What names the kind of a provider. */
export type VendorKey = Pick<Vendor, "type" | "preset">;

/** The vendor of a provider; undefined for a type or preset this version does not know. */
export function vendorOf({ type, preset }: VendorKey): Vendor | undefined {
  return preset === undefined ? BY_TYPE.get(type) : BY_PRESET.get(preset);
}

/** The one word for a vendor, unique among types and presets: `openai`, `groq`. First segment of its slugs. */
export function vendorName({ type, preset }: VendorKey): string {
  return preset ?? type;
}

/** The vendors that can be added by their name alone, address and authentication known. */
export const KNOWN_VENDORS: readonly Vendor[] = [
  ...VENDORS.filter(({ baseUrl, addressPattern }) => (baseUrl ?? addressPattern) !== undefined),
  ...PRESETS,
];
