import type { JsonObject } from "../base/json.ts";
import type { DialectName } from "./catalogue.ts";
import type { Usage } from "./usage.ts";

/**
 * The middle form of a chat call. Requests keep the native contract's wire names (a superset of OpenAI's), so
 * the commonest path converts nothing; other dialects convert to and from it.
 */
export type ChatRole = "system" | "developer" | "user" | "assistant" | "tool";

/** Whose models can read what an `Opaque` holds, wherever they run. */
export const PROVIDER_FAMILIES = ["anthropic", "google", "openai", "cohere", "amazon"] as const;
export type ProviderFamily = (typeof PROVIDER_FAMILIES)[number];

/**
 * What a provider put into an answer for itself: signed or encrypted reasoning, signatures of thoughts, what its own
 * tools found. Callers hand it back with the answer; it goes to the same family as it came and to no other.
 */
export interface Opaque {
  readonly family: ProviderFamily;
  /** As the provider wrote it; its dialect alone knows what it means. */
  readonly data: JsonObject;
  /**
   * Where it stands in its message: after so many UTF-16 units of the text and so many of the tool calls. Absent: in
   * front of both.
   */
  readonly at?: { readonly text: number; readonly calls: number };
}

/** Up to here the prompt is to be kept for later calls; the dialects that need no such mark leave it out. */
export interface CacheControl {
  readonly type: "ephemeral";
  readonly ttl?: "5m" | "1h";
}

interface Cacheable {
  readonly cache_control?: CacheControl;
}

export interface TextPart extends Cacheable {
  readonly type: "text";
  readonly text: string;
}
export interface ImagePart extends Cacheable {
  readonly type: "image_url";
  readonly image_url: { readonly url: string; readonly detail?: "auto" | "low" | "high" };
}
export interface AudioPart extends Cacheable {
  readonly type: "input_audio";
  readonly input_audio: { readonly data: string; readonly format: string };
}
export interface FilePart extends Cacheable {
  readonly type: "file";
  readonly file: {
    /** Base64, or a data URL. */
    readonly file_data?: string;
    /** An https URL. */
    readonly file_url?: string;
    readonly file_id?: string;
    readonly filename?: string;
  };
}
export type ContentPart = TextPart | ImagePart | AudioPart | FilePart;

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  /** `arguments` is JSON text, as the model wrote it: it may not parse. */
  readonly function: { readonly name: string; readonly arguments: string };
  readonly opaque?: readonly Opaque[];
}

/** Things beside the text by kind, such as `citations`: each a list, as the provider wrote its items. */
export type Extra = Readonly<Record<string, readonly unknown[]>>;

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content?: string | readonly ContentPart[] | null;
  readonly name?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
  readonly refusal?: string | null;
  readonly reasoning?: string;
  /** Of an assistant: in the order in which it came. */
  readonly opaque?: readonly Opaque[];
  /** Of an assistant: comes back with its answer, and is sent to nobody. */
  readonly extra?: Extra;
  /** Of a tool: it failed, and `content` says how. */
  readonly is_error?: boolean;
  /** Fields this version does not know are passed on to the upstream. */
  readonly [unknownField: string]: unknown;
}

export interface ToolDefinition extends Cacheable {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly strict?: boolean | null;
  };
}

export type ToolChoice =
  "none" | "auto" | "required" | { readonly type: "function"; readonly function: { readonly name: string } };

export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly json_schema: {
        readonly name: string;
        readonly description?: string;
        readonly schema?: Readonly<Record<string, unknown>>;
        readonly strict?: boolean | null;
      };
    };

/** Where a request keeps what its door was sent; no body can name it, and no serialiser writes it. */
export const ORIGINAL: unique symbol = Symbol("original request");

/** A request as its caller wrote it. */
export interface OriginalRequest {
  /** The upstream format it is in: a dialect of that name sends its content on as it is. */
  readonly dialect: DialectName;
  readonly body: JsonObject;
  /** Messages of the middle form that the body makes: those in front of them are the gateway's own. */
  readonly messageCount: number;
  /**
   * Fields of the middle form that were worked out and not asked for in so many words, and the capability without which
   * other formats are not told them.
   */
  readonly hints?: Readonly<Record<string, string>>;
  /** Paths of what the middle form has no place for: left out wherever another format is spoken. */
  readonly untold: readonly string[];
}

export interface ChatRequest {
  readonly [ORIGINAL]?: OriginalRequest;
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Also given as `max_completion_tokens`; the parser folds the two into this one. */
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly stop?: string | readonly string[];
  readonly seed?: number;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly tools?: readonly ToolDefinition[];
  readonly tool_choice?: ToolChoice;
  readonly parallel_tool_calls?: boolean;
  readonly response_format?: ResponseFormat;
  readonly reasoning_effort?: string;
  readonly n?: number;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly presence_penalty?: number;
  readonly frequency_penalty?: number;
  readonly user?: string;
  /** Kept on the usage record; not sent upstream. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Fields this version does not know are passed on to the upstream. */
  readonly [unknownField: string]: unknown;
}

export const FINISH_REASONS = ["stop", "length", "tool_calls", "content_filter", "error"] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

/** Why an answer ended, in the provider's words, where they say more than the finish reason. */
export interface StopDetail {
  readonly reason: string;
  /** The stop sequence that was met. */
  readonly sequence?: string;
  /** What else the provider said of it. */
  readonly more?: JsonObject;
}

export interface AnswerMessage {
  readonly role: "assistant";
  readonly content: string | null;
  readonly reasoning?: string;
  readonly refusal?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly opaque?: readonly Opaque[];
  readonly extra?: Extra;
}

/** A whole answer, decoded from any dialect. */
export interface ChatAnswer {
  readonly upstreamId?: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: AnswerMessage;
    readonly finish_reason: FinishReason;
    readonly stop_detail?: StopDetail;
    readonly logprobs?: unknown;
  }[];
  /** Undefined when the upstream reported none (or nonsense): it is then estimated. */
  readonly usage?: Usage;
  /** What could not be understood and was left out: noted in the trace. */
  readonly skipped?: readonly string[];
}

/** A whole answer as it came: where the caller's door could pass it on. */
export interface RawAnswer {
  readonly text: string;
  /** `text` parsed. */
  readonly body: JsonObject;
}

/** One thing that happened in a streamed answer. `index` is the choice. */
export type ChatEvent =
  | { readonly type: "text"; readonly index: number; readonly text: string; readonly logprobs?: unknown }
  | { readonly type: "reasoning"; readonly index: number; readonly text: string }
  | { readonly type: "refusal"; readonly index: number; readonly text: string }
  | {
      readonly type: "tool_call";
      readonly index: number;
      /** Position among the tool calls of this choice. */
      readonly call: number;
      /** Present in the first piece of a call only. */
      readonly id?: string;
      readonly name?: string;
      readonly arguments: string;
      /** In one piece of a call only. */
      readonly opaque?: readonly Opaque[];
    }
  /** Whole; after the reasoning it signs has been told. */
  | { readonly type: "opaque"; readonly index: number; readonly opaque: Opaque }
  /** More items of the lists of `extra`. */
  | { readonly type: "extra"; readonly index: number; readonly extra: Extra }
  | {
      readonly type: "finish";
      readonly index: number;
      readonly reason: FinishReason;
      readonly detail?: StopDetail;
    }
  | { readonly type: "usage"; readonly usage: Usage }
  /** The upstream's own id for this answer: for the trace, not for the caller. */
  | { readonly type: "upstream_id"; readonly id: string }
  /**
   * What was skipped because it could not be read: noted in the trace. `passes`: only because its kind is not known, so
   * the event that holds it is handed on all the same where the caller's door can.
   */
  | { readonly type: "skipped"; readonly reason: string; readonly passes?: true }
  /**
   * One event of the upstream as it came, before the events it was decoded into: only where the caller's door could
   * pass it on.
   */
  | {
      readonly type: "frame";
      readonly data: string;
      /** `data` parsed. */
      readonly chunk: JsonObject;
      readonly events: readonly ChatEvent[];
    }
  /** The dialect's terminal mark. Whatever follows it is ignored. */
  | { readonly type: "end" };
