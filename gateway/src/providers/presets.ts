import type { PartsScheme } from "./auth.ts";
import type { Vendor } from "./vendor.ts";

type Row = Pick<Vendor, "label"> & {
  readonly preset: string;
  readonly baseUrl: string;
} & Partial<Pick<Vendor, "otherDialects" | "quirks" | "foundAtStart" | "baseUrlVariable" | "keysPage">>;

function preset(row: Row): Vendor & { readonly preset: string } {
  return {
    type: "custom",
    dialect: "openai-chat",
    transport: "http",
    needsBaseUrl: false,
    authScheme: { kind: "bearer" },
    quirks: {},
    listModelsPath: "/models",
    selfHosted: false,
    foundAtStart: true,
    ...row,
  };
}

function hosted(row: Row & Required<Pick<Vendor, "keyVariable">>): Vendor & { readonly preset: string } {
  return preset(row);
}

/** A server of one's own: at its default port unless told otherwise, with a key only where it was given one. */
function selfHosted(row: Row): Vendor & { readonly preset: string } {
  return {
    ...preset(row),
    authScheme: { kind: "bearer", optional: true },
    selfHosted: true,
    foundAtStart: row.foundAtStart ?? false,
  };
}

/** For accounts at Google, with whatever they may use. */
export const GOOGLE_CLOUD: PartsScheme = {
  kind: "google_service_account",
  scope: "https://www.googleapis.com/auth/cloud-platform",
};

/** The same models and format as the Gemini API, by a project at Google Cloud. */
const VERTEX: Vendor & { readonly preset: string } = {
  type: "google",
  preset: "vertex",
  label: "Google Vertex AI",
  dialect: "gemini",
  transport: "http",
  addressPattern:
    "https://aiplatform.googleapis.com/v1/projects/{project}/locations/global/publishers/google",
  needsBaseUrl: true,
  // Of its express mode.
  authScheme: { kind: "header", name: "x-goog-api-key" },
  partsScheme: GOOGLE_CLOUD,
  quirks: {},
  listModelsPath: "/models?pageSize=1000",
  listModelsAddress: { of: /\/v1\/(?:projects\/.*\/)?publishers\/google$/, is: "/v1beta1/publishers/google" },
  selfHosted: false,
  foundAtStart: false,
  keysPage: "https://console.cloud.google.com/iam-admin/serviceaccounts",
};

/** Known servers behind type `custom`, which speak OpenAI's chat format, and one of Google's, as they are offered. */
export const PRESETS: readonly (Vendor & { readonly preset: string })[] = [
  selfHosted({
    preset: "ollama",
    label: "Ollama",
    baseUrl: "http://localhost:11434/v1",
    quirks: { prefill: {}, needsBytes: true },
    foundAtStart: true,
  }),
  selfHosted({
    preset: "vllm",
    label: "vLLM",
    baseUrl: "http://localhost:8000/v1",
    quirks: { prefill: { request: { continue_final_message: true, add_generation_prompt: false } } },
  }),
  selfHosted({
    preset: "llamacpp",
    label: "llama.cpp server",
    baseUrl: "http://localhost:8080/v1",
    quirks: { prefill: {} },
  }),
  selfHosted({ preset: "lmstudio", label: "LM Studio", baseUrl: "http://localhost:1234/v1" }),
  hosted({
    preset: "groq",
    label: "Groq",
    baseUrl: "https://api.groq.com/openai/v1",
    quirks: { prefill: {} },
    keyVariable: "GROQ_API_KEY",
    keysPage: "https://console.groq.com/keys",
  }),
  hosted({
    preset: "together",
    label: "Together AI",
    baseUrl: "https://api.together.xyz/v1",
    keyVariable: "TOGETHER_API_KEY",
  }),
  hosted({
    preset: "fireworks",
    label: "Fireworks AI",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    keyVariable: "FIREWORKS_API_KEY",
  }),
  hosted({
    preset: "deepseek",
    label: "DeepSeek",
    baseUrl: "https://api.deepseek.com",
    keyVariable: "DEEPSEEK_API_KEY",
    keysPage: "https://platform.deepseek.com/api_keys",
  }),
  hosted({
    preset: "xai",
    label: "xAI",
    otherDialects: ["openai-responses"],
    baseUrl: "https://api.x.ai/v1",
    keyVariable: "XAI_API_KEY",
    keysPage: "https://console.x.ai",
  }),
  hosted({
    preset: "openrouter",
    label: "OpenRouter",
    baseUrl: "https://openrouter.ai/api/v1",
    quirks: { cacheControl: true },
    keyVariable: "OPENROUTER_API_KEY",
    keysPage: "https://openrouter.ai/settings/keys",
  }),
  hosted({
    preset: "perplexity",
    label: "Perplexity",
    baseUrl: "https://api.perplexity.ai",
    keyVariable: "PERPLEXITY_API_KEY",
  }),
  hosted({
    preset: "cerebras",
    label: "Cerebras",
    baseUrl: "https://api.cerebras.ai/v1",
    keyVariable: "CEREBRAS_API_KEY",
    keysPage: "https://cloud.cerebras.ai",
  }),
  hosted({
    preset: "nvidia",
    label: "NVIDIA",
    baseUrl: "https://integrate.api.nvidia.com/v1",
    keyVariable: "NVIDIA_API_KEY",
    keysPage: "https://build.nvidia.com",
  }),
  hosted({
    preset: "sambanova",
    label: "SambaNova",
    baseUrl: "https://api.sambanova.ai/v1",
    keyVariable: "SAMBANOVA_API_KEY",
    keysPage: "https://cloud.sambanova.ai",
  }),
  hosted({
    preset: "deepinfra",
    label: "DeepInfra",
    baseUrl: "https://api.deepinfra.com/v1/openai",
    keyVariable: "DEEPINFRA_API_KEY",
  }),
  hosted({
    preset: "moonshot",
    label: "Moonshot AI",
    baseUrl: "https://api.moonshot.ai/v1",
    quirks: { prefill: { message: { partial: true } } },
    keyVariable: "MOONSHOT_API_KEY",
  }),
  hosted({
    preset: "zhipu",
    label: "Zhipu AI",
    baseUrl: "https://open.bigmodel.cn/api/paas/v4",
    // Not among its parameters; usage comes with the last chunk.
    quirks: { noStreamOptions: true },
    keyVariable: "ZHIPU_API_KEY",
  }),
  hosted({
    preset: "minimax",
    label: "MiniMax",
    baseUrl: "https://api.minimax.io/v1",
    // `max_tokens` is deprecated there.
    quirks: { maxTokensField: "max_completion_tokens" },
    keyVariable: "MINIMAX_API_KEY",
  }),
  hosted({
    preset: "huggingface",
    label: "Hugging Face router",
    baseUrl: "https://router.huggingface.co/v1",
    keyVariable: "HF_TOKEN",
    // Most who set it want to download models.
    foundAtStart: false,
    keysPage: "https://huggingface.co/settings/tokens",
  }),
  VERTEX,
];
