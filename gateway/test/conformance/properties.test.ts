import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isList } from "../../src/base/json.ts";
import { SseDecoder, sseBytes } from "../../src/base/sse.ts";
import { type ChatEvent, FINISH_REASONS } from "../../src/core/chat.ts";
import { FaultError } from "../../src/core/fault.ts";
import { inputTokens, outputTokens } from "../../src/core/usage.ts";
import { chatRequestSchema } from "../../src/dialects/chat-completions/request-schema.ts";
import { readUsage } from "../../src/dialects/chat-completions/usage.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { scaigrid } from "../../src/dialects/scaigrid/scaigrid.ts";
import { chatChunkSchema } from "../../src/dialects/scaigrid/wire.ts";
import { tell } from "./told.ts";
import type { Told } from "./case-file.ts";

const anything = fc.jsonValue({ maxDepth: 3 });
/** An object whose members are sometimes right, sometimes anything. */
function loosely(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const loose = Object.entries(members).map(([name, right]) => [
    name,
    fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: anything }),
  ]);
  return fc.record(Object.fromEntries(loose), { requiredKeys: [] });
}
const words = fc.constantFrom("", "a", "é😀", "stop", "error", "c1", "c2", "tool_calls");
const toolCall = loosely({
  index: fc.nat(4),
  id: words,
  function: loosely({ name: words, arguments: words }),
});
const part = loosely({
  type: fc.constantFrom("text", "thinking", "image_url"),
  text: words,
  thinking: words,
});
const message = loosely({
  role: fc.constantFrom("assistant", "user", "tool", "system"),
  content: fc.oneof(words, fc.constant(null), fc.array(part)),
  reasoning_content: words,
  reasoning: words,
  refusal: fc.option(words),
  tool_calls: fc.array(toolCall),
  function_call: loosely({ name: words, arguments: words }),
});
const tokens = fc.oneof(fc.nat(1000), fc.integer(), fc.double(), fc.constantFrom(1e18, -1, "7", null, 0));
const usage = loosely({
  prompt_tokens: tokens,
  completion_tokens: tokens,
  total_tokens: tokens,
  cached_tokens: tokens,
  reasoning_tokens: tokens,
  prompt_tokens_details: loosely({
    cached_tokens: tokens,
    audio_tokens: tokens,
    cache_write_tokens: tokens,
    cache_creation: loosely({ ephemeral_1h_input_tokens: tokens }),
  }),
  completion_tokens_details: loosely({ reasoning_tokens: tokens, audio_tokens: tokens }),
});
const choice = loosely({ index: fc.nat(3), delta: message, message, finish_reason: fc.option(words), usage });
const answer = loosely({
  id: words,
  choices: fc.array(choice, { maxLength: 3 }),
  usage,
  error: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: anything }),
});

describe("nothing an upstream sends makes the decoders throw anything but a FaultError", () => {
  test("whole answers", () => {
    fc.assert(
      fc.property(fc.oneof(answer, anything), (body) => {
        const seen = orFault(() => openaiChat.decodeAnswer(body));
        if (seen === undefined) return;
        for (const one of seen.choices) {
          expect(FINISH_REASONS).toContain(one.finish_reason);
          for (const call of one.message.tool_calls ?? []) expect(call.id).not.toBe("");
        }
      }),
      { numRuns: 400 },
    );
  });

  test("streams, whose tool calls have no gaps and one id each", () => {
    const event = fc.oneof(
      { weight: 8, arbitrary: answer.map((chunk) => JSON.stringify(chunk)) },
      { weight: 1, arbitrary: fc.string() },
      { weight: 1, arbitrary: fc.constant("[DONE]") },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.option(words), (data, name) => {
        const told: Told = { choices: [], usage: null, id: null, skipped: 0, ended: false };
        const decoder = openaiChat.streamDecoder();
        orFault(() => {
          for (const one of data) {
            for (const decoded of decoder.push(one, name ?? undefined)) {
              // A call of an open choice may start anew after an error; `tell` checks gaps and ids.
              expect(told.ended).toBe(false);
              tell(told, decoded);
            }
          }
        });
      }),
      { numRuns: 400 },
    );
  });

  test("error answers, whose words to the caller are bounded and hold no address", () => {
    const error = loosely({
      message: fc.string(),
      code: fc.oneof(words, tokens),
      type: words,
      param: words,
      detail: anything,
    });
    const body = fc.oneof(
      loosely({ error: fc.oneof(error, fc.webUrl()), detail: anything, message: fc.webUrl() }).map((one) =>
        JSON.stringify(one),
      ),
      fc.string(),
    );
    const headers = fc.dictionary(
      fc.constantFrom("retry-after", "retry-after-ms"),
      fc.oneof(fc.string(), fc.integer().map(String)),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), headers, body, (status, head, text) => {
        const fault = openaiChat.classify(status, head, text, 1_770_000_000_000);
        expect(fault.publicReason ?? "").not.toContain("://");
        expect((fault.publicReason ?? "").length).toBeLessThanOrEqual(500);
        expect(fault.reason.length).toBeLessThanOrEqual(500);
        if (fault.retryAfterSeconds !== undefined) {
          expect(Number.isInteger(fault.retryAfterSeconds)).toBe(true);
          expect(fault.retryAfterSeconds).toBeWithin(1, 61);
        }
      }),
      { numRuns: 400 },
    );
  });
});

test("usage is undefined or disjoint whole numbers that add up to what was reported", () => {
  fc.assert(
    fc.property(usage, (wire) => {
      const read = readUsage(wire);
      if (read === undefined) return;
      for (const value of Object.values(read)) {
        expect(Number.isSafeInteger(value)).toBe(true);
        expect(value).toBeGreaterThan(0);
      }
      expect(inputTokens(read)).toBe(Reflect.get(Object(wire), "prompt_tokens"));
      expect(outputTokens(read)).toBeLessThanOrEqual(2 * 2 ** 31);
    }),
    { numRuns: 400 },
  );
});

describe("requests", () => {
  const validBody = {
    model: "acme/model",
    messages: [
      { role: "system", content: "s", name: "n" },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "image_url", image_url: { url: "https://a.b/c" } },
        ],
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "" } }],
      },
      { role: "tool", tool_call_id: "c", content: "x" },
    ],
    max_tokens: 5,
    temperature: 1,
    top_p: 1,
    stop: ["a"],
    seed: 1,
    stream: true,
    stream_options: { include_usage: true },
    tools: [{ type: "function", function: { name: "f", parameters: {}, strict: true } }],
    tool_choice: { type: "function", function: { name: "f" } },
    parallel_tool_calls: true,
    response_format: { type: "json_schema", json_schema: { name: "n", schema: {} } },
    reasoning_effort: "low",
    n: 2,
    logprobs: true,
    top_logprobs: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    user: "u",
    metadata: { a: "b" },
  };
  const places = placesOf(validBody);
  const replacement = fc.oneof(
    anything,
    fc.constantFrom(
      "",
      "auto",
      "text",
      "user",
      "x".repeat(600),
      0,
      -1,
      0.5,
      3,
      129,
      [],
      {},
      true,
      "http://a.b",
    ),
  );

  test("the schema for OpenAPI and the checks agree, whichever value is replaced", () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), replacement, (place, value) => {
        const body = replaced(validBody, place, value);
        const read = scaigrid.parse(structuredClone(body));
        // Null in an optional field counts as absent here, and a schema that said so would mislead readers.
        if (read.issues === undefined) {
          expect(chatRequestSchema.safeParse(read.request).success).toBe(true);
        } else if (value !== null && value !== "user") {
          // (Another role makes fields wrong that the schema, which allows unknown ones, lets through.)
          expect({ body, schema: chatRequestSchema.safeParse(body).success }).toEqual({
            body,
            schema: false,
          });
        }
      }),
      { numRuns: 1500 },
    );
  });

  test("any JSON is a request or has issues with a field and a sentence, at most 32", () => {
    const bodies = fc.oneof(
      anything,
      loosely({ model: words, messages: fc.array(message), tools: fc.array(toolCall) }),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const read = scaigrid.parse(structuredClone(body));
        if (read.issues === undefined) {
          expect(openaiChat.build(read.request, { upstreamModel: "m", quirks: {} }).body).toContain(
            '"model":"m"',
          );
          expect(isList(openaiChat.refuse(read.request))).toBe(true);
          return;
        }
        expect(read.issues.length).toBeWithin(1, 33);
        for (const issue of read.issues) {
          expect(issue.field).not.toBe("");
          expect(issue.message).toMatch(/must|may|needs|takes|is |only/);
        }
      }),
      { numRuns: 400 },
    );
  });
});

test("whatever events are encoded, each data event of the native stream is a chunk and one mark ends it", () => {
  const index = fc.nat(2);
  const event: fc.Arbitrary<ChatEvent> = fc.oneof(
    fc.record({
      type: fc.constantFrom("text" as const, "reasoning" as const, "refusal" as const),
      index,
      text: fc.string({ unit: "binary" }),
    }),
    fc.record({
      type: fc.constant("tool_call" as const),
      index,
      call: fc.nat(3),
      id: fc.string(),
      name: fc.string(),
      arguments: fc.string(),
    }),
    fc.record({ type: fc.constant("finish" as const), index, reason: fc.constantFrom(...FINISH_REASONS) }),
    fc.constant({ type: "end" as const }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 10 }), fc.boolean(), fc.string(), (events, fails, words) => {
      const encoder = scaigrid.streamEncoder({ id: words, model: words, created: 1, includeUsage: false });
      let text = events.map((one) => encoder.event(one)).join("");
      text += fails
        ? encoder.error({ code: "X", message: words })
        : encoder.final({}, { request_id: words, latency_ms: 0 });
      const decoded = new SseDecoder().push(sseBytes(text));
      expect(decoded.map((one) => one.data).indexOf("[DONE]")).toBe(decoded.length - 1);
      const chunks = decoded.slice(0, -1).filter((one) => one.event === undefined);
      for (const { data } of chunks)
        expect(chatChunkSchema.safeParse(JSON.parse(data)).error).toBeUndefined();
      expect(decoded.length - 1 - chunks.length).toBe(fails ? 1 : 0);
    }),
    { numRuns: 300 },
  );
});

/** The result, or undefined for a FaultError; anything else is thrown on. */
function orFault<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof FaultError) return undefined;
    throw error;
  }
}

function placesOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [[...path]];
  const inner = Object.entries(value).flatMap(([key, child]) =>
    placesOf(child, [...path, isList(value) ? Number(key) : key]),
  );
  return path.length === 0 ? inner : [[...path], ...inner];
}

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}
