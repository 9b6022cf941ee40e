import type { JsonObject } from "../../base/json.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { BuildOptions, BuiltRequest } from "../../core/dialect.ts";
import { sendableMessages, sendableTools } from "./messages.ts";

const NOTHING_DROPPED: readonly string[] = [];

/**
 * Writes the request for an upstream. Fields the gateway does not know go along; `metadata` and `_meta` stay
 * here. Reasoning in earlier answers is left out, and what other families put there: the format has no place for it.
 */
export function build(request: ChatRequest, options: BuildOptions): BuiltRequest {
  const { quirks, upstreamModel } = options;
  const dropped: string[] = [];
  // Members set to undefined are left out by JSON.stringify, which costs less than copying without them.
  const body: JsonObject = { ...request, model: upstreamModel, metadata: undefined, _meta: undefined };
  if (request["_meta"] !== undefined) dropped.push("_meta");
  const keepsCacheControl = quirks.cacheControl === true;
  body["messages"] = sendableMessages(request.messages, keepsCacheControl, dropped);
  if (request.tools) body["tools"] = sendableTools(request.tools, keepsCacheControl, dropped);
  if (quirks.maxTokensField === "max_completion_tokens" && request.max_tokens !== undefined) {
    body["max_tokens"] = undefined;
    body["max_completion_tokens"] = request.max_tokens;
  }
  if (quirks.seedField !== undefined && request["seed"] !== undefined) {
    body["seed"] = undefined;
    body[quirks.seedField] = request["seed"];
  }
  for (const field of quirks.refusedFields ?? NOTHING_DROPPED) {
    if (request[field] === undefined) continue;
    body[field] = undefined;
    dropped.push(field);
  }
  setStreamOptions(request, body, quirks.noStreamOptions === true, dropped);
  return {
    path: "/chat/completions",
    body: JSON.stringify(body),
    dropped: dropped.length === 0 ? NOTHING_DROPPED : dropped,
  };
}

/** Usage is always asked for, whatever the caller wants to see: the call is charged by it. */
function setStreamOptions(request: ChatRequest, body: JsonObject, refused: boolean, dropped: string[]): void {
  const asked = request.stream_options;
  if (request.stream === true && !refused) {
    body["stream_options"] = { ...asked, include_usage: true };
    return;
  }
  if (asked === undefined) return;
  body["stream_options"] = undefined;
  // `include_usage` alone is ours to fulfil, and without a stream it means nothing.
  if (Object.keys(asked).some((key) => key !== "include_usage")) dropped.push("stream_options");
}
