import type { DialectName } from "../core/catalogue.ts";
import type { Quirks } from "../core/dialect.ts";
import type { AuthScheme } from "./auth.ts";

/** One kind of provider. Everything that sets it apart from others is here, as data. */
export interface Vendor {
  /** What `Provider.type` names. */
  readonly type: string;
  /** For people. */
  readonly label: string;
  readonly dialect: DialectName;
  /** `sandbox` answers inside the process; `http` goes out through the egress guard. */
  readonly transport: "http" | "sandbox";
  /** Used where the provider names none of its own. */
  readonly baseUrl?: string;
  /** Whether a provider of this type cannot exist without a base URL of its own. */
  readonly needsBaseUrl: boolean;
  readonly authScheme: AuthScheme;
  readonly quirks: Quirks;
  /** Below the base URL; the free call that lists models, also used as a health check. */
  readonly listModelsPath: string;
}

/** All vendors, in the order they are offered. */
export const VENDORS: readonly Vendor[] = [
  {
    type: "openai",
    label: "OpenAI",
    dialect: "openai-chat",
    transport: "http",
    baseUrl: "https://api.openai.com/v1",
    needsBaseUrl: false,
    authScheme: { kind: "bearer" },
    quirks: { maxTokensField: "max_completion_tokens" },
    listModelsPath: "/models",
  },
  {
    type: "custom",
    label: "Any OpenAI-compatible server",
    dialect: "openai-chat",
    transport: "http",
    needsBaseUrl: true,
    authScheme: { kind: "bearer", optional: true },
    quirks: {},
    listModelsPath: "/models",
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
  },
];

const BY_TYPE: ReadonlyMap<string, Vendor> = new Map(VENDORS.map((vendor) => [vendor.type, vendor]));

/** The vendor a provider's type names; undefined for a type this version does not know. */
export function vendorOf(type: string): Vendor | undefined {
  return BY_TYPE.get(type);
}
