import { sseBytes, sseEvent } from "../../src/base/sse.ts";
import { bedrockBytes } from "./event-stream-bytes.ts";

/** What is said of the usage. */
export type Reported = "right" | "none" | "odd";

/** How one wire format says things; written from its documentation, not from the gateway's code. */
export interface NativeFormat {
  readonly name: string;
  /** Of `POST /v1/providers`. */
  readonly provider: Readonly<Record<string, unknown>>;
  /** Of `POST /v1/backends`, beside the usual. */
  readonly backend?: Readonly<Record<string, unknown>>;
  readonly streamType: string;
  /** Faults that it has no words for. */
  readonly unsaid?: readonly string[];
  /** Bytes of these events. */
  frame(events: readonly unknown[]): Uint8Array;
  /** What a stream has before its first text. */
  readonly begin?: readonly unknown[];
  text(words: string): unknown;
  end(reason: string | undefined, usage: Reported): readonly unknown[];
  /** How many of the last events say only that there are no more. */
  readonly marks?: number;
  whole(words: string, reason: string | undefined, usage: Reported): unknown;
  /** Names of reasons: to stop, and one that there is not. */
  readonly reasons: { readonly stop: string; readonly odd: string };
  /** Status, headers and body of an error. */
  error(kind: ErrorKind): { readonly status: number; readonly headers: string; readonly body: unknown };
  /** The error in place of an answer with status 200. */
  errorInstead(kind: ErrorKind): unknown;
  /** The error as an event of a stream. */
  errorEvent(kind: ErrorKind): unknown;
}

export const ERROR_KINDS = [
  "refused",
  "too-long",
  "filtered",
  "stranger",
  "forbidden",
  "no-model",
  "limited",
  "failing",
  "away",
  "late",
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

const RPC: Readonly<Record<Exclude<ErrorKind, "filtered">, readonly [number, string, string]>> = {
  refused: [400, "INVALID_ARGUMENT", "Request contains an invalid argument."],
  "too-long": [
    400,
    "INVALID_ARGUMENT",
    "The input token count (9) exceeds the maximum number of tokens allowed (8).",
  ],
  stranger: [401, "UNAUTHENTICATED", "Request had invalid authentication credentials."],
  forbidden: [403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers."],
  "no-model": [404, "NOT_FOUND", "models/gemini is not found for API version v1beta."],
  limited: [429, "RESOURCE_EXHAUSTED", "Resource has been exhausted."],
  failing: [500, "INTERNAL", "An internal error has occurred."],
  away: [503, "UNAVAILABLE", "The model is overloaded."],
  late: [504, "DEADLINE_EXCEEDED", "The deadline expired before the operation could complete."],
};

function rpc(kind: Exclude<ErrorKind, "filtered">): { readonly status: number; readonly body: unknown } {
  const [status, name, message] = RPC[kind];
  return { status, body: { error: { code: status, status: name, message } } };
}

const BLOCKED = { promptFeedback: { blockReason: "SAFETY" }, responseId: "r1" };

function usageMetadata(usage: Reported): object {
  if (usage === "none") return {};
  const candidatesTokenCount = usage === "right" ? 2 : -5;
  return { usageMetadata: { promptTokenCount: 3, candidatesTokenCount, totalTokenCount: 5 } };
}

function candidate(words: string, reason: string | undefined, usage: Reported): object {
  const content = { parts: [{ text: words }], role: "model" };
  const finishReason = reason === undefined ? {} : { finishReason: reason };
  return { candidates: [{ content, index: 0, ...finishReason }], responseId: "r1", ...usageMetadata(usage) };
}

/** The Gemini API. */
export const geminiFormat: NativeFormat = {
  name: "gemini",
  provider: { type: "google" },
  streamType: "text/event-stream",
  frame: (events) =>
    sseBytes(events.map((one) => sseEvent(typeof one === "string" ? one : JSON.stringify(one))).join("")),
  text: (words) => candidate(words, undefined, "none"),
  end: (reason, usage) => (reason === undefined ? [] : [candidate("", reason, usage)]),
  whole: candidate,
  reasons: { stop: "STOP", odd: "PHASE_OF_MOON" },
  error: (kind) =>
    kind === "filtered" ? { status: 200, headers: "", body: BLOCKED } : { ...rpc(kind), headers: "" },
  errorInstead: (kind) => (kind === "filtered" ? BLOCKED : rpc(kind).body),
  errorEvent: (kind) => (kind === "filtered" ? BLOCKED : rpc(kind).body),
};

const EXCEPTIONS: Readonly<Record<ErrorKind, readonly [number, string, string]>> = {
  refused: [400, "ValidationException", "Malformed input request."],
  "too-long": [400, "ValidationException", "Input is too long for requested model."],
  filtered: [400, "ValidationException", "filtered"],
  stranger: [403, "UnrecognizedClientException", "The security token included in the request is invalid."],
  forbidden: [
    403,
    "AccessDeniedException",
    "You don't have access to the model with the specified model ID.",
  ],
  "no-model": [404, "ResourceNotFoundException", "The model does not exist."],
  limited: [429, "ThrottlingException", "Too many requests, please wait."],
  failing: [500, "InternalServerException", "An internal server error occurred."],
  away: [503, "ServiceUnavailableException", "The service is unavailable."],
  late: [408, "ModelTimeoutException", "The model took too long to process the request."],
};

function converseUsage(usage: Reported): object {
  if (usage === "none") return {};
  return { usage: { inputTokens: 3, outputTokens: usage === "right" ? 2 : -5, totalTokens: 5 } };
}

/** Amazon Bedrock's Converse. */
export const bedrockFormat: NativeFormat = {
  name: "bedrock",
  provider: { type: "bedrock" },
  streamType: "application/vnd.amazon.eventstream",
  // A guardrail ends an answer; it refuses no prompt.
  unsaid: ["filtered"],
  frame: (events) => bedrockBytes(events.map((one) => (typeof one === "string" ? one : JSON.stringify(one)))),
  text: (text) => ({ contentBlockDelta: { contentBlockIndex: 0, delta: { text } } }),
  end: (reason, usage) => [
    ...(reason === undefined ? [] : [{ messageStop: { stopReason: reason } }]),
    { metadata: converseUsage(usage) },
  ],
  whole: (text, reason, usage) => ({
    output: { message: { role: "assistant", content: [{ text }] } },
    ...(reason !== undefined && { stopReason: reason }),
    ...converseUsage(usage),
  }),
  reasons: { stop: "end_turn", odd: "phase_of_moon" },
  error(kind) {
    const [status, name, message] = EXCEPTIONS[kind];
    return { status, headers: `x-amzn-errortype: ${name}:http://internal/\r\n`, body: { message } };
  },
  errorInstead(kind) {
    const [, name, message] = EXCEPTIONS[kind];
    return { __type: `com.amazon.coral.service#${name}`, message };
  },
  errorEvent(kind) {
    const [, name, message] = EXCEPTIONS[kind];
    return { [name.charAt(0).toLowerCase() + name.slice(1)]: { message } };
  },
};
