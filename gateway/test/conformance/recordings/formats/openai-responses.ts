import { isObject, type JsonObject } from "../../../../src/base/json.ts";
import { openaiResponses } from "../../../../src/dialects/openai-responses/openai-responses.ts";
import type { Oracle } from "../oracle.ts";
import type { RecordedFormat } from "../recording.ts";

/** What the recordings hold of an output item. */
interface Item extends JsonObject {
  type: string;
  call_id?: string;
  name?: string;
  arguments?: string;
  encrypted_content?: string | null;
  phase?: string;
  summary?: { text: string }[];
  content?: { type: string; text?: string; refusal?: string; annotations?: object[] }[];
}

interface Response extends JsonObject {
  status: string;
  output: Item[];
  incomplete_details?: { reason: string } | null;
  error: { code: string } | null;
  usage: {
    input_tokens: number;
    output_tokens: number;
    total_tokens: number;
    input_tokens_details?: { cached_tokens?: number };
    output_tokens_details?: { reasoning_tokens?: number };
  } | null;
}

/**
 * A stream's last event holds the whole answer, which is what its pieces are judged by. What is encrypted there is
 * encrypted anew: callers are told the items that came before.
 */
function responseOf(json: readonly JsonObject[]): Response {
  const last = json.at(-1);
  const found = last?.["object"] === "response" ? last : last?.["response"];
  if (!isObject(found)) throw new Error("a recording ends with its response");
  const response = found as Response;
  const told = json
    .filter(({ type }) => type === "response.output_item.done")
    .map(({ item }) => item as Item);
  const output = response.output.map((item) => told.find(({ id }) => id === item["id"]) ?? item);
  return { ...response, output };
}

function read(json: readonly JsonObject[]): Oracle {
  const { status, output, incomplete_details: details, usage } = responseOf(json);
  const said = output.filter(({ type }) => type === "message").flatMap(({ content = [] }) => content);
  const calls = output.filter(({ type }) => type === "function_call");
  const annotations = said.flatMap((part) => part.annotations ?? []);
  return {
    text: said.map(({ text = "" }) => text).join(""),
    reasoning: output
      .filter(({ type }) => type === "reasoning")
      .flatMap(({ summary = [] }) => summary.map(({ text }) => text))
      .join("\n\n"),
    refusal: said.map(({ refusal = "" }) => refusal).join(""),
    calls: calls.map((call) => callIn(call)),
    finish: finishOf(status, details?.reason, calls.length),
    // Zeros where a program of the provider's went on: no report that anyone could go by.
    prompt: usage?.input_tokens === 0 ? undefined : usage?.input_tokens,
    answer: usage?.output_tokens,
    cached: usage?.input_tokens_details?.cached_tokens ?? 0,
    reasoned: usage?.output_tokens_details?.reasoning_tokens ?? 0,
    ...(status === "failed" && { fault: "rate_limited" }),
    opaque: opaqueIn(output),
    ...(annotations.length > 0 && { extra: { annotations } }),
  };
}

function finishOf(status: string, reason: string | undefined, calls: number): string {
  if (status === "incomplete") return reason === "max_output_tokens" ? "length" : "content_filter";
  return calls > 0 ? "tool_calls" : "stop";
}

function callIn({ type: _type, id: _id, status: _status, call_id, name, arguments: text, ...more }: Item) {
  const call = { id: call_id ?? "", name: name ?? "", arguments: text ?? "" };
  const kept = Object.entries(more).filter(([, value]) => value != null);
  return kept.length === 0
    ? call
    : { ...call, opaque: [{ family: "openai", data: Object.fromEntries(kept) }] };
}

/** What callers are to hand back: encrypted reasoning, what the provider's own tools did, which message is the answer. */
function opaqueIn(output: readonly Item[]): object[] {
  const opaque: object[] = [];
  let text = 0;
  let calls = 0;
  for (const item of output) {
    const place = text + calls > 0 ? { at: { text, calls } } : {};
    if (item.type === "message") {
      const { phase } = item;
      if (phase != null) opaque.push({ family: "openai", data: { type: "message", phase }, ...place });
      for (const part of item.content ?? []) text += part.text?.length ?? 0;
    } else if (item.type === "function_call") calls++;
    else if (item.type !== "reasoning" || item.encrypted_content) {
      opaque.push({ family: "openai", data: item, ...place });
    }
  }
  return opaque;
}

/** OpenAI's Responses API. */
export const openaiResponsesRecordings: RecordedFormat = {
  dialect: openaiResponses,
  recognises: ({ object, type }) => object === "response" || type === "response.created",
  eventName: ({ type }) => (typeof type === "string" ? type : undefined),
  begins: ({ type }) => type === "response.created",
  read,
};
