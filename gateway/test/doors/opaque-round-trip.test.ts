import { describe, expect, test } from "bun:test";
import { isList, isObject, type JsonObject } from "../../src/base/json.ts";
import { SseDecoder, sseBytes } from "../../src/base/sse.ts";
import { eventsOf } from "../../src/core/answer-events.ts";
import type { DoorDialect, UpstreamDialect } from "../../src/core/dialect.ts";
import { anthropicDoor } from "../../src/dialects/anthropic-door/anthropic-door.ts";
import { anthropicMessages } from "../../src/dialects/anthropic-messages/anthropic-messages.ts";
import { bedrockConverse } from "../../src/dialects/bedrock-converse/bedrock-converse.ts";
import { gemini } from "../../src/dialects/gemini/gemini.ts";
import { openaiDoor } from "../../src/dialects/openai-door/openai-door.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/openai-responses.ts";
import { openaiResponsesDoor } from "../../src/dialects/openai-responses-door/openai-responses-door.ts";
import { scaigrid } from "../../src/dialects/scaigrid/scaigrid.ts";
import { pick, pickText } from "../harness/json.ts";

const HEAD = { id: "chatcmpl-1", model: "acme/model", created: 1_770_000_000, includeUsage: false };
const META = { request_id: "req_1", latency_ms: 1 };
const USAGE = { input: 3, output: 1 };
const [FIRST, SECOND, THIRD] = ["Zmlyc3Q+/w==", "c2Vjb25k+/8=", "dGhpcmQ/+A=="];
const TOOL = { name: "look", description: "Looks", schema: { type: "object", properties: {} } };

/** An answer of a provider that calls a tool, and what it wants back as it was. */
interface Sealed {
  readonly dialect: UpstreamDialect;
  readonly model: string;
  readonly answer: JsonObject;
  readonly wanted: readonly string[];
}

const SEALED: readonly Sealed[] = [
  {
    dialect: anthropicMessages,
    model: "claude-sonnet-4-5",
    answer: {
      id: "msg_up",
      content: [
        { type: "thinking", thinking: "Let me look.", signature: FIRST },
        { type: "redacted_thinking", data: SECOND },
        { type: "text", text: "One moment." },
        { type: "thinking", thinking: "Yes, look.", signature: THIRD },
        { type: "tool_use", id: "toolu_up", name: "look", input: {} },
      ],
      stop_reason: "tool_use",
    },
    wanted: [FIRST, SECOND, THIRD, "Let me look.", "Yes, look."],
  },
  {
    dialect: gemini,
    model: "gemini-3-pro-preview",
    answer: {
      candidates: [
        {
          content: {
            role: "model",
            parts: [
              { text: "Let me look.", thought: true },
              { text: "One moment.", thoughtSignature: FIRST },
              { functionCall: { name: "look", args: {} }, thoughtSignature: SECOND },
              { functionCall: { name: "look", args: { again: true } }, thoughtSignature: THIRD },
            ],
          },
          finishReason: "STOP",
        },
      ],
    },
    wanted: [FIRST, SECOND, THIRD],
  },
  {
    dialect: openaiResponses,
    model: "gpt-5.1",
    answer: {
      id: "resp_up",
      status: "completed",
      output: [
        { type: "reasoning", id: "rs_up", summary: [], encrypted_content: FIRST },
        {
          type: "message",
          id: "msg_up",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: "One moment.", annotations: [] }],
        },
        { type: "reasoning", id: "rs_more", summary: [], encrypted_content: SECOND },
        { type: "function_call", id: "fc_up", call_id: "call_up", name: "look", arguments: "{}" },
      ],
    },
    wanted: [FIRST, SECOND, "rs_up", "rs_more"],
  },
  {
    dialect: bedrockConverse,
    model: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    answer: {
      output: {
        message: {
          role: "assistant",
          content: [
            { reasoningContent: { reasoningText: { text: "Let me look.", signature: FIRST } } },
            { reasoningContent: { redactedContent: SECOND } },
            { text: "One moment." },
            { toolUse: { toolUseId: "tooluse_up", name: "look", input: {} } },
          ],
        },
      },
      stopReason: "tool_use",
    },
    wanted: [FIRST, SECOND, "Let me look."],
  },
];

/** A door, and how its programs go on from an answer: they send back what they were given, and what the tool has said. */
interface Entrance {
  readonly dialect: DoorDialect;
  /** The answer as its SDK puts a stream together; of a door whose last event has it all, that. */
  readonly streamed: (events: readonly JsonObject[]) => unknown;
  readonly next: (answer: unknown) => object;
}

const CHAT_TOOLS = [
  { type: "function", function: { name: "look", description: "Looks", parameters: TOOL.schema } },
];

function nextChat(answer: unknown): object {
  const message = pick(answer, "choices.0.message");
  const calls = itemsIn(pick(message, "tool_calls"));
  const results = calls.map(({ id }) => ({ role: "tool", tool_call_id: id, content: "Seen" }));
  const messages = [{ role: "user", content: "Hello" }, message, ...results];
  return { model: "acme/model", max_tokens: 9_000, messages, tools: CHAT_TOOLS };
}

function itemsIn(value: unknown): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

/** Deltas put together the way programs do: text joined, pieces of calls by their place, whatever else as it came last. */
function streamedChat(chunks: readonly JsonObject[]): unknown {
  let message: JsonObject = { role: "assistant", content: "" };
  const calls: JsonObject[] = [];
  for (const chunk of chunks) {
    const delta = pick(chunk, "choices.0.delta");
    if (!isObject(delta)) continue;
    const { content, tool_calls: pieces, ...rest } = delta;
    message = { ...message, ...rest, content: `${String(message["content"])}${String(content ?? "")}` };
    for (const { index, function: fn, ...of } of itemsIn(pieces)) {
      const before = calls[Number(index)];
      const text = `${before ? pickText(before, "function.arguments") : ""}${String(pick(fn, "arguments") ?? "")}`;
      const name = pick(fn, "name") ?? pick(before, "function.name");
      calls[Number(index)] = { ...before, ...of, function: { name, arguments: text } };
    }
  }
  return { choices: [{ message: { ...message, tool_calls: calls } }] };
}

/** Blocks put together the way Anthropic's SDK does. */
function streamedMessage(events: readonly JsonObject[]): unknown {
  const content: JsonObject[] = [];
  for (const { type, index, content_block: block, delta } of events) {
    const at = Number(index);
    if (type === "content_block_start" && isObject(block)) content[at] = { ...block };
    const open = content[at];
    if (type !== "content_block_delta" || !isObject(delta) || !open) continue;
    const { type: kind, partial_json: json, ...pieces } = delta;
    if (kind === "input_json_delta") open["json"] = `${String(open["json"] ?? "")}${String(json)}`;
    else
      for (const [name, text] of Object.entries(pieces))
        open[name] = `${String(open[name] ?? "")}${String(text)}`;
  }
  return {
    content: content.map(({ json, ...block }) =>
      json === undefined ? block : { ...block, input: JSON.parse(String(json)) },
    ),
  };
}

const ENTRANCES: readonly Entrance[] = [
  { dialect: scaigrid, streamed: streamedChat, next: nextChat },
  { dialect: openaiDoor, streamed: streamedChat, next: nextChat },
  {
    dialect: openaiResponsesDoor,
    streamed: (events) => pick(events.at(-1), "response"),
    next(answer) {
      const output = itemsIn(pick(answer, "output"));
      const calls = output.filter(({ type }) => type === "function_call");
      const results = calls.map(({ call_id }) => ({ type: "function_call_output", call_id, output: "Seen" }));
      const tools = [{ type: "function", name: "look", description: "Looks", parameters: TOOL.schema }];
      const input = [{ role: "user", content: "Hello" }, ...output, ...results];
      return { model: "acme/model", max_output_tokens: 9_000, input, tools };
    },
  },
  {
    dialect: anthropicDoor,
    streamed: streamedMessage,
    next(answer) {
      const content = itemsIn(pick(answer, "content"));
      const uses = content.filter(({ type }) => type === "tool_use");
      const results = uses.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "Seen" }));
      const messages = [
        { role: "user", content: "Hello" },
        { role: "assistant", content },
        { role: "user", content: results },
      ];
      const tools = [{ name: "look", description: "Looks", input_schema: TOOL.schema }];
      const thinking = { type: "enabled", budget_tokens: 2_000 };
      return { model: "acme/model", max_tokens: 9_000, messages, tools, thinking };
    },
  },
];

/** What the provider is sent when the caller goes on from this answer. */
function goOn({ dialect: door, next }: Entrance, { dialect, model }: Sealed, answer: unknown): string {
  const read = door.parse(next(JSON.parse(JSON.stringify(answer))));
  if (read.issues !== undefined) throw new Error(JSON.stringify(read.issues));
  expect(dialect.refuse(read.request)).toEqual([]);
  return dialect.build(read.request, { upstreamModel: model, quirks: {} }).body;
}

function expectAll(body: string, wanted: readonly string[]): void {
  expect(wanted.map((text) => [text, body.split(text).length - 1])).toEqual(wanted.map((text) => [text, 1]));
}

describe("what a provider seals comes back to it byte for byte, once", () => {
  for (const sealed of SEALED) {
    for (const entrance of ENTRANCES) {
      const { dialect: door } = entrance;
      const decoded = () => sealed.dialect.decodeAnswer(sealed.answer);

      test(`of a whole answer: ${sealed.dialect.name}, by callers of ${door.name}`, () => {
        const answer = door.encodeAnswer(decoded(), USAGE, HEAD, META);
        expectAll(goOn(entrance, sealed, answer), sealed.wanted);
      });

      test(`of a stream: ${sealed.dialect.name}, by callers of ${door.name}`, () => {
        const encoder = door.streamEncoder(HEAD);
        const text = eventsOf(decoded()).map((event) => encoder.event(event));
        const frames = new SseDecoder().push(sseBytes(text.join("") + encoder.final(USAGE, META)));
        const events = [...frames]
          .filter(({ data }) => data !== "[DONE]")
          .map(({ data }) => JSON.parse(data));
        expectAll(goOn(entrance, sealed, entrance.streamed(events)), sealed.wanted);
      });
    }
  }
});
