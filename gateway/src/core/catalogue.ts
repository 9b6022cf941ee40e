import type { PriceTier, Rates } from "./price.ts";

export type Modality = "chat" | "embedding" | "image" | "audio" | "rerank";
export type DialectName =
  | "bedrock-converse"
  | "gemini"
  | "anthropic-door"
  | "anthropic-messages"
  | "openai-chat"
  | "openai-completions"
  | "openai-door"
  | "openai-responses"
  | "openai-responses-door"
  | "scaigrid"
  | "scaigrid-generate";

/** The stable public name applications ask for. */
export interface FrontendModel {
  readonly id: string;
  /** `vendor/name`; the address. */
  readonly slug: string;
  readonly displayName: string;
  readonly description?: string;
  readonly modality: Modality;
  readonly capabilities: readonly string[];
  /** Tokens. */
  readonly contextWindow: number;
  /** Tokens. */
  readonly maxOutputTokens?: number;
  readonly defaultParams: Readonly<Record<string, unknown>>;
  readonly systemPrompt?: string;
  /** Served without a price; otherwise a model without one is refused. */
  readonly free: boolean;
  readonly status: "active" | "deprecated" | "disabled";
  /** Who made it, as shown to callers: "sandbox" for the built-in one. */
  readonly ownedBy: string;
  readonly createdAt: number;
}

/** A group of backends that share an account. */
export interface Provider {
  readonly id: string;
  /** A key of the vendor catalogue: `openai`, `custom`, `sandbox`. */
  readonly type: string;
  /** Which known server a `custom` provider is: its address, authentication and quirks. */
  readonly preset?: string;
  readonly name: string;
  readonly baseUrl?: string;
  /** Of a pool: the base URLs of its servers, in place of one of its own. */
  readonly nodes?: readonly string[];
  readonly status: "active" | "disabled";
  readonly createdAt: number;
}

/** Milliseconds. */
export interface Timeouts {
  readonly connect: number;
  readonly first_byte: number;
  readonly idle: number;
  readonly total: number;
}

/** One upstream deployment at one provider. */
export interface Backend {
  readonly id: string;
  readonly providerId: string;
  /** `openai:gpt-4o`: for people. */
  readonly uri: string;
  readonly upstreamModel: string;
  readonly dialect: DialectName;
  readonly capabilities: readonly string[];
  readonly timeouts: Timeouts;
  /** Calls in flight on one node; undefined = no limit of its own. */
  readonly maxConcurrency?: number;
  readonly region?: string;
  /** Costs nothing (self-hosted, sandbox): otherwise a backend without a cost is refused. */
  readonly free: boolean;
  readonly status: "active" | "disabled";
  readonly createdAt: number;
}

/** Opened credentials of a backend: in memory only. */
export interface Credentials {
  readonly apiKey?: string;
  /** Where the key is kept, when that is all that was stored: `env:GROQ_API_KEY`, `file:/run/secrets/groq`. */
  readonly reference?: string;
}

export interface RoutingTarget {
  readonly backend_id: string;
  readonly priority: number;
  readonly weight: number;
  readonly enabled: boolean;
}

/** How one frontend model chooses among backends. */
export interface RoutingPolicy {
  readonly id: string;
  readonly modelId: string;
  readonly strategy: "priority";
  readonly targets: readonly RoutingTarget[];
  readonly retry: { readonly attempts: number; readonly same_backend: number };
  readonly createdAt: number;
}

/** One effective-dated price of a frontend model or cost of a backend. Append-only. */
export interface PriceVersion {
  readonly id: string;
  readonly subject: { readonly kind: "model" | "backend"; readonly id: string };
  /** Epoch milliseconds. */
  readonly effectiveFrom: number;
  readonly rates: Rates;
  /** In rising order of their thresholds; absent = one price for every length. */
  readonly tiers?: readonly PriceTier[];
  /** Where the figures are from, with their date; absent = somebody typed them in. */
  readonly source?: string;
}
