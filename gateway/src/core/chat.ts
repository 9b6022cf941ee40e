import type { JsonObject } from "../base/json.ts";
import type { Usage } from "./usage.ts";

/**
 * The middle form of a chat call. Requests keep the native contract's wire names (a superset of OpenAI's), so
 * the commonest path converts nothing; other dialects convert to and from it.
 */
export type ChatRole = "system" | "developer" | "user" | "assistant" | "tool";

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}
export interface ImagePart {
  readonly type: "image_url";
  readonly image_url: { readonly url: string; readonly detail?: "auto" | "low" | "high" };
}
export interface AudioPart {
  readonly type: "input_audio";
  readonly input_audio: { readonly data: string; readonly format: string };
}
export interface FilePart {
  readonly type: "file";
  readonly file: { readonly file_data?: string; readonly file_id?: string; readonly filename?: string };
}
export type ContentPart = TextPart | ImagePart | AudioPart | FilePart;

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  /** `arguments` is JSON text, as the model wrote it: it may not parse. */
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface ChatMessage {
  readonly role: ChatRole;
  readonly content?: string | readonly ContentPart[] | null;
  readonly name?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
  readonly refusal?: string | null;
  readonly reasoning?: string;
  /** Fields this version does not know are passed on to the upstream. */
  readonly [unknownField: string]: unknown;
}

export interface ToolDefinition {
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

export interface ChatRequest {
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

export interface AnswerMessage {
  readonly role: "assistant";
  readonly content: string | null;
  readonly reasoning?: string;
  readonly refusal?: string;
  readonly tool_calls?: readonly ToolCall[];
}

/** A whole answer, decoded from any dialect. */
export interface ChatAnswer {
  readonly upstreamId?: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: AnswerMessage;
    readonly finish_reason: FinishReason;
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
    }
  | { readonly type: "finish"; readonly index: number; readonly reason: FinishReason }
  | { readonly type: "usage"; readonly usage: Usage }
  /** The upstream's own id for this answer: for the trace, not for the caller. */
  | { readonly type: "upstream_id"; readonly id: string }
  /** A malformed event that was skipped: noted in the trace. */
  | { readonly type: "skipped"; readonly reason: string }
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
