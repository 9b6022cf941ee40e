import { describe, expect, test } from "bun:test";
import { sseBytes, sseEvent } from "../../src/base/sse.ts";
import type { ChatEvent } from "../../src/core/chat.ts";
import type { UpstreamDialect } from "../../src/core/dialect.ts";
import { anthropicDoor } from "../../src/dialects/anthropic-door/anthropic-door.ts";
import { anthropicMessages } from "../../src/dialects/anthropic-messages/anthropic-messages.ts";
import { bedrockConverse } from "../../src/dialects/bedrock-converse/bedrock-converse.ts";
import { openaiResponses } from "../../src/dialects/openai-responses/openai-responses.ts";
import { UpstreamStream } from "../../src/inference/upstream-stream.ts";
import { scriptedReply } from "../conformance/scripted-reply.ts";

type Wire = Readonly<Record<string, unknown>>;

const HEAD = { id: "chatcmpl-1", model: "acme/model", created: 1, includeUsage: false };
const META = { request_id: "req_1", latency_ms: 1 };
const TELLER = { credentials: {}, simulated: false };

const START: Wire = { type: "message_start", message: { id: "msg_1", model: "m", content: [] } };
const END: Wire = {
  type: "message_delta",
  delta: { stop_reason: "end_turn" },
  usage: { input_tokens: 1, output_tokens: 1 },
};
const STOP: Wire = { type: "message_stop" };

function begin(index: number, content_block: Wire): Wire {
  return { type: "content_block_start", index, content_block };
}

function piece(index: number, delta: Wire): Wire {
  return { type: "content_block_delta", index, delta };
}

function close(index: number): Wire {
  return { type: "content_block_stop", index };
}

function text(index: number, said: string): readonly Wire[] {
  return [
    begin(index, { type: "text", text: "" }),
    piece(index, { type: "text_delta", text: said }),
    close(index),
  ];
}

async function read(events: readonly Wire[], keepsFrames: boolean): Promise<readonly ChatEvent[]> {
  const bytes = sseBytes(
    events.map((event) => sseEvent(JSON.stringify(event), String(event["type"]))).join(""),
  );
  const stream = new UpstreamStream(scriptedReply(bytes), anthropicMessages, TELLER, {
    choicesAsked: 1,
    keepsFrames,
  });
  const told: ChatEvent[] = [];
  for (;;) {
    const next = await stream.next();
    if (next === undefined) return told;
    told.push(...next);
  }
}

/** What the stream says to a caller of another format, and to the trace. */
async function saidBy(events: readonly Wire[]): Promise<{ text: string; skipped: readonly string[] }> {
  const told = await read(events, false);
  return {
    text: told.flatMap((event) => (event.type === "text" ? [event.text] : [])).join(""),
    skipped: told.flatMap((event) => (event.type === "skipped" ? [event.reason] : [])),
  };
}

/** The data of the events that a caller of Anthropic's own format gets between the beginning and the end. */
async function passed(events: readonly Wire[]): Promise<readonly unknown[]> {
  const encoder = anthropicDoor.streamEncoder(HEAD);
  const told = await read([START, ...events, END, STOP], true);
  const sent = told.map((event) => encoder.event(event)).join("") + encoder.final({}, META);
  const data = sent.split("\n").filter((line) => line.startsWith("data: "));
  return data.map((line) => JSON.parse(line.slice("data: ".length)) as unknown).slice(1, -2);
}

const UNKNOWN: readonly (readonly [what: string, events: readonly Wire[], reason: string])[] = [
  ["an event", [{ type: "novelty", index: 0 }], 'event of type "novelty"'],
  ["a block", [begin(0, { type: "hologram", data: "x" }), close(0)], 'block of type "hologram"'],
  [
    "a piece of text",
    [begin(0, { type: "text", text: "" }), piece(0, { type: "hum_delta", hum: "m" }), close(0)],
    'piece of type "hum_delta"',
  ],
  [
    "a piece of thinking",
    [begin(0, { type: "thinking", thinking: "" }), piece(0, { type: "hum_delta", hum: "m" }), close(0)],
    'piece of type "hum_delta"',
  ],
  [
    "a piece without a type",
    [begin(0, { type: "text", text: "" }), piece(0, {}), close(0)],
    "piece without a type",
  ],
  [
    "thinking in a block of text",
    [begin(0, { type: "text", text: "" }), piece(0, { type: "thinking_delta", thinking: "Hm." }), close(0)],
    'piece of type "thinking_delta" in a block of type "text"',
  ],
  [
    "input in a block of text",
    [
      begin(0, { type: "text", text: "" }),
      piece(0, { type: "input_json_delta", partial_json: "{}" }),
      close(0),
    ],
    'piece of type "input_json_delta" in a block of type "text"',
  ],
];

describe("a stream of Anthropic's", () => {
  test.each(UNKNOWN)("tells the trace of %s that it cannot place, once", async (_what, events, reason) => {
    const said = await saidBy([START, ...events, ...events, ...text(1, "Said."), END, STOP]);
    expect(said).toEqual({ text: "Said.", skipped: [reason] });
  });

  test.each(UNKNOWN)("hands %s that it cannot place on to callers of its format", async (_what, events) => {
    const all = [...events, ...text(1, "Said.")];
    expect(await passed(all)).toEqual(all);
  });

  test("is handed on whole however many unknown kinds it has, and the trace tells of some", async () => {
    const events = Array.from({ length: 50 }, (_, i) => [
      { type: `novelty_${i}` },
      ...text(i, `${i} `),
    ]).flat();
    expect(await passed(events)).toEqual(events);
    expect((await saidBy([START, ...events, END, STOP])).skipped).toHaveLength(20);
  });

  test("says nothing of pings, nor of blocks that are known to be the provider's own", async () => {
    const known = ["redacted_thinking", "server_tool_use", "web_search_tool_result", "mcp_tool_use"];
    const blocks = known.flatMap((type, i) => [begin(i, { type, data: "x" }), close(i)]);
    const said = await saidBy([START, { type: "ping" }, ...blocks, ...text(9, "Said."), END, STOP]);
    expect(said).toEqual({ text: "Said.", skipped: [] });
  });
});

describe("a stream of Bedrock's", () => {
  const reasons = (dialect: UpstreamDialect, start: unknown): readonly string[] => {
    const decoder = dialect.streamDecoder();
    const event = JSON.stringify({ contentBlockIndex: 0, start });
    return decoder
      .push(event, "contentBlockStart")
      .flatMap((one) => (one.type === "skipped" ? [one.reason] : []));
  };

  test("tells the trace of blocks of an unknown kind", () => {
    expect(reasons(bedrockConverse, { hologram: {} })).toEqual(["block with hologram"]);
  });

  test.each([[{}], [undefined], [{ toolUse: { toolUseId: "1", name: "look" } }]])(
    "says nothing of a block that begins with %j",
    (start) => expect(reasons(bedrockConverse, start)).toEqual([]),
  );
});

describe("a stream of the Responses API", () => {
  const told = (...types: readonly string[]): readonly ChatEvent[] => {
    const decoder = openaiResponses.streamDecoder();
    return types.flatMap((type) => decoder.push(JSON.stringify({ type, output_index: 0 }), type));
  };

  test("tells the trace of events of an unknown kind, once, and lets them pass", () => {
    expect(told("response.novelty.delta", "response.novelty.delta")).toEqual([
      { type: "skipped", reason: 'event of type "response.novelty.delta"', passes: true },
    ]);
  });

  test.each([
    ["keepalive"],
    ["response.content_part.added"],
    ["response.output_text.done"],
    ["response.reasoning_summary_part.added"],
    ["response.function_call_arguments.done"],
    ["response.custom_tool_call_input.delta"],
    ["response.web_search_call.searching"],
    ["response.code_interpreter_call_code.delta"],
    ["response.mcp_list_tools.in_progress"],
  ])("says nothing of %s", (type) => expect(told(type)).toEqual([]));
});
