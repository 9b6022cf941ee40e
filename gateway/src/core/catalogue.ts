import { FAILOVER_CLASSES, type FaultClass } from "./fault.ts";
import type { PriceTier, Rates } from "./price.ts";

export type Modality = "chat" | "embedding" | "image" | "audio" | "rerank";
export type DialectName =
  | "bedrock-converse"
  | "cohere"
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

/** Of what the configuration file can declare. */
interface Declarable {
  /** Its name in the file, which then owns it: it is changed there and nowhere else. Absent = the store's own. */
  readonly declaredAs?: string;
}

/** A picture, as it was drawn anew from what somebody has sent. */
export interface Avatar {
  /** Base64. */
  readonly webp: string;
  /** Another one for another picture. */
  readonly version: string;
}

/** The stable public name applications ask for. */
export interface FrontendModel extends Declarable {
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
  readonly avatar?: Avatar;
  readonly createdAt: number;
}

/** A group of backends that share an account. */
export interface Provider extends Declarable {
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

/** What the account behind a backend takes in any 60 seconds, counted on one node; undefined = nobody has said. */
export interface AccountLimits {
  /** Requests. */
  readonly rpm?: number;
  /** Tokens, in and out. */
  readonly tpm?: number;
}

/** One upstream deployment at one provider. */
export interface Backend extends Declarable {
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
  readonly accountLimits?: AccountLimits;
  /** Small requests an hour that may be paid for to see whether it answers; absent = none. */
  readonly probesPerHour?: number;
  readonly region?: string;
  /** Costs nothing (self-hosted, sandbox): otherwise a backend without a cost is refused. */
  readonly free: boolean;
  readonly status: "active" | "disabled";
  readonly createdAt: number;
}

/** What a credential is made of where one key is not enough, by the names the API gives them. */
export const CREDENTIAL_PARTS = [
  "service_account",
  "access_key_id",
  "secret_access_key",
  "session_token",
  "region",
  "tenant_id",
  "client_id",
  "client_secret",
  "authority",
] as const;
export type CredentialPart = (typeof CREDENTIAL_PARTS)[number];
export type CredentialParts = Readonly<Partial<Record<CredentialPart, string>>>;

/** Opened credentials of a backend: in memory only. */
export interface Credentials {
  readonly apiKey?: string;
  /** In place of a key. */
  readonly parts?: CredentialParts;
  /** With parts: every text that nobody may be told. Of one call also what was made of them to be shown. */
  readonly secrets?: readonly string[];
  /**
   * Where it is kept, when that is all that was stored: `env:GROQ_API_KEY`, `file:/run/secrets/groq`. Of several parts
   * the first that leads nowhere, else the first.
   */
  readonly reference?: string;
  /** Further keys of the account, shown when this one is refused or has no more calls left. */
  readonly others?: readonly Credentials[];
}

/** Whether there is anything to show, or where it should be. */
export function isGiven({ apiKey, parts, reference }: Credentials): boolean {
  return apiKey !== undefined || parts !== undefined || reference !== undefined;
}

/** Whether it can be shown: false while a reference leads nowhere. */
export function isFound({ apiKey, parts, reference }: Credentials): boolean {
  return reference === undefined || apiKey !== undefined || parts !== undefined;
}

export interface RoutingTarget {
  readonly backend_id: string;
  readonly priority: number;
  readonly weight: number;
  readonly enabled: boolean;
}

/**
 * How one of the backends of a priority is chosen.
 * - `priority`: the heaviest first, then by id
 * - `weighted`: drawn by weight
 * - `least_busy`: with the fewest calls in flight for its weight
 * - `latency`: the quickest to its first content
 */
export const STRATEGIES = ["priority", "weighted", "least_busy", "latency"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** The capabilities that a request can ask of a backend: one that states others and not these is passed by. */
export const NEEDS = ["tools", "vision"] as const;
export type Need = (typeof NEEDS)[number];

/**
 * What follows when a stream breaks off after content has been sent.
 * - `error`: the error event
 * - `continue`: the next backend that can goes on where it broke off
 * - `buffer`: it does not happen: nothing is sent until the answer is whole
 */
export const MIDSTREAM_MODES = ["error", "continue", "buffer"] as const;
export type Midstream = (typeof MIDSTREAM_MODES)[number];

/** Whose requests go to one backend as long as it is there. */
export const STICKY_MODES = ["none", "user", "session"] as const;
export type Sticky = (typeof STICKY_MODES)[number];

/** Whose price a request pays that another model has served. */
export const FALLBACK_PRICES = ["asked", "served"] as const;
export type FallbackPrice = (typeof FALLBACK_PRICES)[number];

/** How one frontend model chooses among backends. */
export interface RoutingPolicy extends Declarable {
  readonly id: string;
  readonly modelId: string;
  readonly strategy: Strategy;
  readonly targets: readonly RoutingTarget[];
  readonly retry: { readonly attempts: number; readonly same_backend: number };
  /** Faults after which another backend is asked. */
  readonly failoverOn: readonly FaultClass[];
  readonly midstream: Midstream;
  readonly sticky: Sticky;
  /** Slugs of models that are asked when no backend of this one answers, in order. */
  readonly fallbackModels: readonly string[];
  readonly fallbackPrice: FallbackPrice;
  /** Set below the platform: of its backends those alone that are granted to whose the model is. */
  readonly underGrants?: true;
  readonly createdAt: number;
}

/** What a policy says where nobody has said anything else. */
export const POLICY_DEFAULTS = {
  strategy: "priority",
  retry: { attempts: 3, same_backend: 1 },
  failoverOn: FAILOVER_CLASSES,
  midstream: "error",
  sticky: "none",
  fallbackModels: [],
  fallbackPrice: "asked",
} as const satisfies Partial<RoutingPolicy>;

/** One effective-dated price of a frontend model or cost of a backend. Append-only. */
export interface PriceVersion {
  readonly id: string;
  /** A grant's is what requests over its backend are charged at least. */
  readonly subject: { readonly kind: "model" | "backend" | "grant"; readonly id: string };
  /** Epoch milliseconds. */
  readonly effectiveFrom: number;
  readonly rates: Rates;
  /** In rising order of their thresholds; absent = one price for every length. */
  readonly tiers?: readonly PriceTier[];
  /** What requests of a batch cost of it, in millionths; absent = as much as others. */
  readonly batchPpm?: number;
  /** Where the figures are from, with their date; absent = somebody typed them in. */
  readonly source?: string;
  /** What the store has of it is no price: while it would be in force there is none. */
  readonly isUnreadable?: true;
}
