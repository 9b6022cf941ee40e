import type { JsonObject } from "../base/json.ts";
import type { ChatAnswer, ChatEvent, ChatRequest, RawAnswer } from "./chat.ts";
import type { DialectName } from "./catalogue.ts";
import type { Fault } from "./fault.ts";
import type { Usage } from "./usage.ts";

/** One thing wrong with a request: a JSON path (`messages[0].role`) and what is wrong there. */
export interface Issue {
  readonly field: string;
  readonly message: string;
}

/** How an upstream is told to go on from a final assistant message rather than to answer it. */
export interface Prefill {
  /** What stands beside role and content of that message. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** What stands beside the messages. */
  readonly request?: Readonly<Record<string, unknown>>;
  /** Its answer may begin with what it was given. */
  readonly echoes?: boolean;
}

/** Named deviations of a vendor from the format it speaks; data of the vendor catalogue, never a vendor name. */
export interface Quirks {
  /** The field that limits output: OpenAI's reasoning models refuse `max_tokens`. */
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** The upstream refuses `stream_options`, and reports usage (if at all) without being asked. */
  readonly noStreamOptions?: boolean;
  /** What the upstream calls `seed`. */
  readonly seedField?: "random_seed";
  /** Fields for which the upstream refuses the whole request: left out, and reported as dropped. */
  readonly refusedFields?: readonly string[];
  /** The upstream knows `cache_control` on parts and tools. */
  readonly cacheControl?: boolean;
  /** The upstream refuses addresses of images: they are fetched, and their bytes sent. */
  readonly needsBytes?: boolean;
  /** Present where the upstream offers to go on from the beginning of an answer; some of its models may still refuse. */
  readonly prefill?: Prefill;
}

export interface BuildOptions {
  readonly upstreamModel: string;
  readonly quirks: Quirks;
  /** Of the caller's headers those which their door forwards, where it speaks the upstream's format. */
  readonly forwarded?: Readonly<Record<string, string>>;
}

export interface BuiltRequest {
  /** Below the provider's base URL: `/chat/completions`. */
  readonly path: string;
  /** JSON text, serialised from the parsed value. */
  readonly body: string;
  /** Headers of the format, in lower case; what shows the credentials is not among them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields the target cannot express and that were left out; listed in the trace and in `_meta.dropped`. */
  readonly dropped: readonly string[];
}

/** One event of a stream, taken out of its framing. */
export interface StreamFrame {
  readonly event?: string;
  readonly data: string;
}

/** Takes the events of one stream out of its bytes, which may be cut anywhere. Throws BadFraming. */
export interface FrameDecoder {
  /** The events that these bytes complete. */
  push(bytes: Uint8Array): readonly StreamFrame[];
  /** What is left when the bytes have ended. */
  flush(): readonly StreamFrame[];
}

/** How the events of a stream stand in its bytes, where they are no server-sent events. */
export interface Framing {
  /** The media type of such a stream. */
  readonly contentType: string;
  decoder(): FrameDecoder;
}

/** Turns the events of a stream into events of the middle form. Holds state; one per stream. */
export interface StreamDecoder {
  /** Throws FaultError when the upstream reports an error in the stream. After `end`, returns nothing. */
  push(data: string, eventName: string | undefined): readonly ChatEvent[];
  /** What was pushed last, parsed; undefined where it was no JSON object. */
  readonly chunk: JsonObject | undefined;
}

/** The upstream side of a wire format. Pure. */
export interface UpstreamDialect {
  readonly name: DialectName;
  /** The format knows no request without `max_tokens`: where the caller gives none the gateway chooses it. */
  readonly needsMaxTokens?: boolean;
  /** The format knows no addresses of images: they are fetched, and their bytes sent. */
  readonly needsBytes?: boolean;
  /** Of its streams; server-sent events where absent. */
  readonly framing?: Framing;
  /** Why this request cannot be sent in this format (cost-bearing without a price, inexpressible): 422. */
  refuse(request: ChatRequest): readonly Issue[];
  build(request: ChatRequest, options: BuildOptions): BuiltRequest;
  /** How this format counts the tokens of a request without answering it; absent where it cannot. */
  readonly tokenCount?: {
    build(request: ChatRequest, options: BuildOptions): BuiltRequest;
    /** Undefined for an answer that is no count. */
    read(body: string): number | undefined;
  };
  /** Throws FaultError: `shape` when it cannot be understood, the class it names when it is an error object. */
  decodeAnswer(body: unknown): ChatAnswer;
  streamDecoder(): StreamDecoder;
  /** Classes a non-2xx answer. `headers` are lower-case. `nowMs` dates a Retry-After given as a date. */
  classify(status: number, headers: Readonly<Record<string, string>>, body: string, nowMs: number): Fault;
}

/** What every answer of one request has in common. */
export interface AnswerHead {
  /** `chatcmpl-…` */
  readonly id: string;
  /** The slug that was asked for. */
  readonly model: string;
  /** Epoch seconds. */
  readonly created: number;
  /** Whether the caller asked to see the usage of a stream (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
  /** The request as its caller wrote it, for formats whose answers tell it again. */
  readonly asked?: JsonObject;
}

/** The `_meta` object of inference answers. */
export interface AnswerMeta {
  readonly request_id: string;
  readonly latency_ms: number;
  /** The limit in force, where the gateway chose or lowered it. */
  readonly max_tokens?: number;
  readonly dropped?: readonly string[];
}

/** An error as a stream or a body tells it. */
export interface ErrorFace {
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** Frames events of one stream for the caller. Holds state; one per stream. */
export interface StreamEncoder {
  /** SSE text for one event; empty where this format says nothing (usage and end come with `final`). */
  event(event: ChatEvent): string;
  /** The last chunk, with usage, and the terminal mark. */
  final(usage: Usage, meta: AnswerMeta): string;
  /** An error event and the terminal mark. */
  error(error: ErrorFace): string;
  /** What is sent while the upstream is silent; a comment where absent. */
  keepAlive?(): string;
}

/** The caller's side of a wire format. Pure. */
export interface DoorDialect {
  readonly name: DialectName;
  /** Validates and normalises a body; either the request or what is wrong with it, never both. */
  parse(
    body: unknown,
  ): { readonly request: ChatRequest; readonly issues?: never } | { readonly issues: readonly Issue[] };
  /**
   * The upstream format whose answers this one can hand on as they are. Their streams come with `frame` events; an
   * encoder hands on a frame, or tells the events that follow it in its own words.
   */
  readonly passes?: DialectName;
  /** A stream that has been passed on in part cannot be told to its end in our own words. */
  readonly passesWholeStreams?: boolean;
  /** Lower-case names of the caller's headers that upstreams of that format are sent untouched. */
  readonly forwards?: readonly string[];
  /** The text of a whole answer in that format, edited; undefined where it must be told in our own words. */
  passAnswer?(raw: RawAnswer, answer: ChatAnswer, usage: Usage, head: AnswerHead): string | undefined;
  /** The body of a whole answer, before any envelope. */
  encodeAnswer(answer: ChatAnswer, usage: Usage, head: AnswerHead, meta: AnswerMeta): object;
  streamEncoder(head: AnswerHead): StreamEncoder;
}
