import Anthropic from "@anthropic-ai/sdk";
import type {
  BetaContentBlock as ContentBlock,
  BetaMessage as Message,
} from "@anthropic-ai/sdk/resources/beta/messages";
import { isObject } from "../../../../src/base/json.ts";
import { anthropicDoor } from "../../../../src/dialects/anthropic-door/anthropic-door.ts";
import type { Oracle } from "../oracle.ts";
import { answering, type DoorReader, type Heard } from "./door.ts";

const ASKED = { model: "acme/model", max_tokens: 9, messages: [{ role: "user" as const, content: "hi" }] };
const FINISH: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
};
/** What redacted thinking of other families begins with. */
const MARK = "scaigrid.1.";

function client(body: string | Uint8Array, contentType: string): Anthropic {
  return new Anthropic({
    apiKey: "key",
    baseURL: "http://door.invalid",
    fetch: answering(body, contentType),
  });
}

interface Call {
  id: string;
  name: string;
  arguments: string;
  opaque?: object[];
}

/** What is put together of the blocks of a message. */
interface Said {
  text: string;
  reasoning: string;
  readonly calls: Call[];
  readonly opaque: object[];
  readonly citations: unknown[];
  readonly ofCalls: Map<string, object[]>;
}

function heard({ content, stop_reason, stop_details, usage }: Message): Heard {
  const said: Said = { text: "", reasoning: "", calls: [], opaque: [], citations: [], ofCalls: new Map() };
  for (const block of content) take(block, said);
  for (const call of said.calls) {
    const own = [...(call.opaque ?? []), ...(said.ofCalls.get(call.id) ?? [])];
    if (own.length > 0) call.opaque = own;
  }
  const { text, reasoning, calls, opaque, citations } = said;
  const cached = usage.cache_read_input_tokens ?? 0;
  return {
    text,
    reasoning,
    refusal: stop_details?.explanation ?? "",
    calls,
    opaque,
    extra: citations.length > 0 ? { citations } : {},
    finish: FINISH[stop_reason ?? ""] ?? null,
    prompt: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
    answer: usage.output_tokens,
    cached,
    reasoned: usage.output_tokens_details?.thinking_tokens ?? 0,
  };
}

function take(block: ContentBlock, said: Said): void {
  if (block.type === "text") {
    said.text += block.text;
    said.citations.push(...(block.citations ?? []));
  } else if (block.type === "tool_use") said.calls.push(callOf(block));
  else if (block.type === "redacted_thinking" && block.data.startsWith(MARK)) takeForeign(block.data, said);
  else {
    if (block.type === "thinking") said.reasoning += block.thinking;
    if (block.type !== "thinking" || block.signature !== "") place(block, said);
  }
}

function callOf(block: Extract<ContentBlock, { type: "tool_use" }>): Call {
  const { type: _type, id, name, input, ...rest } = block;
  const { caller, ...more }: { caller?: unknown } = rest;
  const isDirect = caller === undefined || (isObject(caller) && caller["type"] === "direct");
  const data = isDirect ? more : { caller, ...more };
  const call = { id, name, arguments: JSON.stringify(input) };
  return Object.keys(data).length === 0 ? call : { ...call, opaque: [{ family: "anthropic", data }] };
}

function place(data: ContentBlock, { text, calls, opaque }: Said): void {
  const at = { text: text.length, calls: calls.length };
  opaque.push({ family: "anthropic", data, ...(at.text + at.calls > 0 && { at }) });
}

function takeForeign(data: string, { opaque, ofCalls }: Said): void {
  const json = Buffer.from(data.slice(MARK.length), "base64url").toString("utf8");
  const foreign = JSON.parse(json) as { opaque: object; call?: string };
  if (foreign.call === undefined) opaque.push(foreign.opaque);
  else ofCalls.set(foreign.call, [...(ofCalls.get(foreign.call) ?? []), foreign.opaque]);
}

/** Arguments are objects here, and other providers cite in words of their own. */
function expects(oracle: Oracle): Oracle {
  const calls = oracle.calls.map((call) => ({
    ...call,
    arguments: JSON.stringify(JSON.parse(call.arguments)),
  }));
  const citations = (oracle.extra?.["citations"] ?? []).filter(
    (item) => isObject(item) && String(item["type"]).endsWith("_location"),
  );
  return { ...oracle, calls, extra: citations.length > 0 ? { citations } : {} };
}

/** Messages, by the package `@anthropic-ai/sdk`. */
export const anthropicReader: DoorReader = {
  door: anthropicDoor,
  async whole(body) {
    return heard(await client(body, "application/json").beta.messages.create(ASKED));
  },
  async stream(bytes) {
    return heard(await client(bytes, "text/event-stream").beta.messages.stream(ASKED).finalMessage());
  },
  expects,
};
