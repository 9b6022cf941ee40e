import { describe, expect, test } from "bun:test";
import { sseBytes, sseEvent } from "../../src/base/sse.ts";
import type { ChatEvent } from "../../src/core/chat.ts";
import { FaultError, type FaultClass } from "../../src/core/fault.ts";
import { anthropicDoor } from "../../src/dialects/anthropic-door/anthropic-door.ts";
import { bedrockConverse } from "../../src/dialects/bedrock-converse/bedrock-converse.ts";
import { cohere } from "../../src/dialects/cohere/cohere.ts";
import { gemini } from "../../src/dialects/gemini/gemini.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { UpstreamStream } from "../../src/inference/upstream-stream.ts";
import { scriptedReply } from "../conformance/scripted-reply.ts";

const HEAD = { id: "chatcmpl-1", model: "acme/model", created: 1_770_000_000, includeUsage: false };
const META = { request_id: "req_1", latency_ms: 1 };

function choice(delta: object, finish_reason: string | null = null, index = 0) {
  return { choices: [{ index, delta, finish_reason }] };
}

/** A stream of these chunks whose connection then fails in this way, or ends. */
function streamOf(chunks: readonly object[], end?: FaultClass, choicesAsked = 1): UpstreamStream {
  const bytes = sseBytes(chunks.map((chunk) => sseEvent(JSON.stringify(chunk))).join(""));
  const whole = scriptedReply(bytes);
  const read = async () => {
    const piece = await whole.read();
    if (piece === undefined && end !== undefined) throw new FaultError({ class: end, reason: "it broke" });
    return piece;
  };
  const options = { choicesAsked, keepsFrames: true };
  return new UpstreamStream({ ...whole, read }, openaiChat, { credentials: {}, simulated: false }, options);
}

async function readAll(stream: UpstreamStream): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for (let events = await stream.next(); events; events = await stream.next()) all.push(...events);
  return all;
}

const ENDED = [choice({ content: "Said." }), choice({}, "stop")];

describe("a stream whose connection fails", () => {
  test.each(["network", "timeout"] as const)(
    "behind the reason for its end is whole, and the trace is told: %s",
    async (end) => {
      const events = await readAll(streamOf(ENDED, end));
      expect(events.filter(({ type }) => type === "finish")).toHaveLength(1);
      expect(events.at(-1)).toEqual({ type: "skipped", reason: "behind the end of the answer: it broke" });
    },
  );

  test("is cut where a choice that was asked for has not come", async () => {
    await expect(readAll(streamOf(ENDED, "network", 2))).rejects.toBeInstanceOf(FaultError);
  });

  test.each([
    ["every chunk", [choice({ content: "Sai" }, "stop"), choice({ content: "d" }, "stop")]],
    ["its first chunk", [choice({ content: "Sai" }, "stop")]],
  ])("is cut where its upstream gives a reason for an end along with %s", async (_which, chunks) => {
    await expect(readAll(streamOf(chunks, "network"))).rejects.toBeInstanceOf(FaultError);
  });

  test("is cut where an upstream says itself that it has failed, for all it was asked for has not come", async () => {
    const chunks = [...ENDED, { error: { message: "died" } }];
    await expect(readAll(streamOf(chunks, undefined, 2))).rejects.toBeInstanceOf(FaultError);
  });

  test("is whole where its upstream says so behind the reason for its end; what it says then is read on", async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    const events = await readAll(
      streamOf([...ENDED, { error: { message: "died" } }, { choices: [], usage }], "network"),
    );
    expect(events.flatMap((event) => (event.type === "skipped" ? [event.reason] : []))).toEqual([
      expect.stringMatching(/^behind the end of the answer: .*died/),
      "behind the end of the answer: it broke",
    ]);
    expect(events.some(({ type }) => type === "usage")).toBe(true);
  });

  test("is not whole where its upstream takes it back for its content", async () => {
    const chunks = [...ENDED, { error: { message: "filtered", code: "content_filter" } }];
    const reading = readAll(streamOf(chunks));
    await expect(reading).rejects.toMatchObject({ fault: { class: "content_filter" } });
  });
});

describe("a stream", () => {
  test("whose only choice has another number is told as the first, in words that say so", async () => {
    const chunks = [choice({ content: "Said." }, null, 5), choice({}, "stop", 5)];
    const events = await readAll(streamOf(chunks));
    expect(events).toEqual([
      { type: "text", index: 0, text: "Said." },
      { type: "finish", index: 0, reason: "stop" },
    ]);
  });

  test("keeps the numbers of choices that were asked for, in whatever order they begin", async () => {
    const chunks = [choice({ content: "b" }, "stop", 1), choice({ content: "a" }, "stop", 0)];
    const events = await readAll(streamOf(chunks, undefined, 2));
    expect(events.filter(({ type }) => type === "text")).toEqual([
      { type: "text", index: 1, text: "b" },
      { type: "text", index: 0, text: "a" },
    ]);
  });

  test.each([
    ["content that is a number", [choice({ content: 42 }), choice({}, "stop")]],
    ["content that is an object", [choice({ content: { text: "a" } }), choice({}, "stop")]],
    ["text in place of a delta", [{ choices: [{ index: 0, text: "a", finish_reason: "stop" }] }]],
  ])("is no empty answer where it has %s", async (_what, chunks) => {
    const reading = readAll(streamOf(chunks));
    await expect(reading).rejects.toMatchObject({ fault: { class: "shape" } });
  });
});

describe("a whole answer", () => {
  test.each([
    [bedrockConverse, { output: { message: { content: [{ image: {} }] } }, stopReason: "end_turn" }],
    [bedrockConverse, { output: { message: { content: "Said." } }, stopReason: "end_turn" }],
    [cohere, { message: { content: [{ type: "picture" }] }, finish_reason: "COMPLETE" }],
  ])("is no empty one where nothing of it can be read: %#", (dialect, answer) => {
    expect(() => dialect.decodeAnswer(answer)).toThrow(FaultError);
  });

  test("may be empty", () => {
    const nothing = { output: { message: { content: [{ text: "" }] } }, stopReason: "end_turn" };
    expect(bedrockConverse.decodeAnswer(nothing).choices[0]?.message.content).toBe("");
    const none = { message: { content: [] }, finish_reason: "COMPLETE" };
    expect(cohere.decodeAnswer(none).choices[0]?.message.content).toBe("");
  });

  test("of Gemini is no empty one where it holds a picture alone", () => {
    const parts = [{ inlineData: { mimeType: "image/png", data: "aQ==" } }];
    const answer = (more: readonly object[]) => ({
      candidates: [{ content: { parts: [...parts, ...more] }, finishReason: "STOP" }],
    });
    expect(() => gemini.decodeAnswer(answer([]))).toThrow(FaultError);
    const [choice] = gemini.decodeAnswer(answer([{ text: "Said." }])).choices;
    expect(choice?.message.content).toBe("Said.");
  });

  test("is no empty one where nothing of it can be read", () => {
    const answer = { choices: [{ index: 0, message: { content: 42 }, finish_reason: "stop" }] };
    expect(() => openaiChat.decodeAnswer(answer)).toThrow(FaultError);
  });
});

describe("at the Anthropic door", () => {
  const call = { index: 0, id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };

  test("an answer that calls tools ends for them where its provider says that it just ended", async () => {
    const encoder = anthropicDoor.streamEncoder(HEAD);
    const events = await readAll(streamOf([choice({ tool_calls: [call] }), choice({}, "stop")]));
    for (const event of events) if (event.type !== "frame") encoder.event(event);
    expect(encoder.final({}, META)).toContain(`"stop_reason":"tool_use"`);
    const message = { content: null, tool_calls: [call] };
    const whole = openaiChat.decodeAnswer({ choices: [{ index: 0, message, finish_reason: "stop" }] });
    expect(anthropicDoor.encodeAnswer(whole, {}, HEAD, META)).toMatchObject({ stop_reason: "tool_use" });
  });
});
