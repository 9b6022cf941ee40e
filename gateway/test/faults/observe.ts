import { tokensOf } from "../fakes/answers.ts";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { eventually, requestIdOf } from "../api/started.ts";
import type { ApiReply } from "../harness/api.ts";
import type { ChatStream, StreamEnd } from "../harness/chat-stream.ts";
import type { Gateway } from "../harness/gateway.ts";
import { isObject, pick } from "../harness/json.ts";
import type { Case } from "./catalogue/fault.ts";

const ASK = [{ role: "user", content: "twelve bytes" }];
/** Bounds what a call may cost. */
const MAX_TOKENS = 4_000;
/** A connection for each call, so that what stays open is not the client's. */
const HEADERS = { connection: "close" };
const CLIENT_TIMEOUT_MS = 30_000;

/** Where a call is made: a path, and the format that is spoken there. */
export type DoorName = "native" | "openai";
const PATHS: Readonly<Record<DoorName, string>> = {
  native: "/v1/inference/chat",
  openai: "/oai/v1/chat/completions",
};

/** What to ask, and where. */
export interface Asked extends Pick<Case, "form" | "n"> {
  readonly door?: DoorName;
}

/** What a caller saw of one call. */
export interface Seen {
  readonly requestId: string;
  readonly status: number;
  /** Of an ordinary error. */
  readonly code: unknown;
  /** The header. */
  readonly retryAfter: string | null;
  /** Of the error event of a stream. */
  readonly cutCode: unknown;
  /** Of the first choice. */
  readonly text: string;
  /** By choice. */
  readonly texts: readonly string[];
  /** The arguments of each tool call, put together. */
  readonly tools: readonly string[];
  readonly finishReason: unknown;
  readonly usage: unknown;
  /** Marks of a stream that is not well-formed. */
  readonly malformed: readonly string[];
  readonly tookMs: number;
}

/**
 * Makes one call and reads its answer to the end; `onTokens` is told when so many tokens of a stream have come.
 */
export async function call(
  gateway: Gateway,
  model: string,
  asked: Asked,
  onTokens?: { readonly count: number; readonly reached: () => void },
): Promise<Seen> {
  const from = performance.now();
  const { form, n, door = "native" } = asked;
  const path = PATHS[door];
  const body = {
    model,
    messages: ASK,
    max_tokens: MAX_TOKENS,
    ...(n !== undefined && { n }),
    ...(form === "stream" && { stream_options: { include_usage: true } }),
  };
  const options = { headers: HEADERS, timeoutMs: CLIENT_TIMEOUT_MS };
  if (form === "whole") {
    const reply = await gateway.api("POST", path, { key: gateway.firstKey, ...options, body });
    return seenWhole(reply, performance.now() - from);
  }
  const stream = await gateway.chatStream(body, { ...options, path });
  if (onTokens !== undefined && stream.status === 200) {
    let text = "";
    for (let piece: string | undefined = ""; piece !== undefined; piece = await stream.nextContent()) {
      text += piece;
      if (tokensOf(text) === onTokens.count) break;
    }
    onTokens.reached();
  }
  return seenStream(stream, from);
}

function seenWhole(reply: ApiReply, tookMs: number): Seen {
  // The native door wraps its answers.
  const answer = pick(reply.body, "data") ?? reply.body;
  const message = pick(answer, "choices.0.message");
  const text = pick(message, "content");
  return {
    requestId: requestIdOf(reply),
    status: reply.status,
    code: pick(reply.body, "error.code"),
    retryAfter: reply.headers.get("retry-after"),
    cutCode: undefined,
    text: typeof text === "string" ? text : "",
    texts: listAt(answer, "choices").map((choice) => String(pick(choice, "message.content") ?? "")),
    tools: listAt(message, "tool_calls").map((tool) => String(pick(tool, "function.arguments"))),
    finishReason: pick(answer, "choices.0.finish_reason"),
    usage: pick(answer, "usage"),
    malformed: [],
    tookMs,
  };
}

function listAt(value: unknown, path: string): readonly unknown[] {
  const found = pick(value, path);
  return Array.isArray(found) ? found : [];
}

function textsOf(events: StreamEnd["events"]): readonly string[] {
  const texts: string[] = [];
  for (const event of events) {
    for (const choice of listAt(event.json, "choices")) {
      const at = Number(pick(choice, "index"));
      texts[at] = (texts[at] ?? "") + String(pick(choice, "delta.content") ?? "");
    }
  }
  return texts;
}

function toolsOf(events: StreamEnd["events"]): readonly string[] {
  const tools: string[] = [];
  for (const event of events) {
    for (const piece of listAt(event.json, "choices.0.delta.tool_calls")) {
      const at = Number(pick(piece, "index"));
      tools[at] = (tools[at] ?? "") + String(pick(piece, "function.arguments") ?? "");
    }
  }
  return tools;
}

async function seenStream(stream: ChatStream, from: number): Promise<Seen> {
  const { status, requestId } = stream;
  const end = await stream.end();
  const tookMs = performance.now() - from;
  const refusal: unknown = status === 200 ? undefined : JSON.parse(stream.text);
  const texts = textsOf(end.events);
  const last = end.events.at(-1)?.data;
  const malformed = [
    ...(end.broken ? ["broken off"] : []),
    ...(status === 200 && end.doneCount !== 1 ? [`${end.doneCount} [DONE]`] : []),
    ...(status === 200 && last !== "[DONE]" ? [`ends with ${last}`] : []),
    ...(status === 200 && end.rest !== "" ? [`left over: ${end.rest.slice(0, 100)}`] : []),
  ];
  return {
    requestId,
    status,
    code: pick(refusal, "error.code"),
    retryAfter: stream.headers.get("retry-after"),
    cutCode: pick(end.error, "code") ?? end.events.map(({ json }) => pick(json, "error.code")).find(Boolean),
    text: texts[0] ?? "",
    texts,
    tools: toolsOf(end.events),
    finishReason: end.finishReason,
    usage: end.usage,
    malformed,
    tookMs,
  };
}

/** What the gateway has written down about one request. */
export interface Written {
  readonly usage: Readonly<Record<string, unknown>>;
  /** The outcome of each attempt. */
  readonly attempts: readonly unknown[];
  /** The provider's id of the answer. */
  readonly upstreamId: unknown;
  /** As JSON. */
  readonly timeline: string;
  readonly outcome: unknown;
}

/** Reads trace and usage record. */
export async function writtenAbout(gateway: Gateway, requestId: string): Promise<Written> {
  // With the caller's own key: management calls are limited by user, and the administrator makes enough of them.
  const { body } = await eventually(
    `trace of ${requestId}`,
    () => gateway.api("GET", `/v1/requests/${requestId}`, { key: gateway.firstKey }),
    (reply) => isObject(pick(reply.body, "data.usage")),
  );
  const usage = pick(body, "data.usage");
  return {
    usage: isObject(usage) ? usage : {},
    attempts: listAt(body, "data.attempts").map((attempt) => pick(attempt, "outcome")),
    upstreamId: pick(body, "data.upstream_id"),
    timeline: JSON.stringify(pick(body, "data.timeline")),
    outcome: pick(body, "data.outcome"),
  };
}

/** A fault upstream of one case alone: no other case's connections, no other case's log. */
export class OwnUpstream extends FaultUpstream implements Disposable {
  [Symbol.dispose](): void {
    this.stop();
  }
}
