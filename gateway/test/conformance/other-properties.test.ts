import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FINISH_REASONS } from "../../src/core/chat.ts";
import type { UpstreamDialect } from "../../src/core/dialect.ts";
import { FaultError } from "../../src/core/fault.ts";
import { anthropicMessages } from "../../src/dialects/anthropic-messages/anthropic-messages.ts";
import { bedrockConverse } from "../../src/dialects/bedrock-converse/bedrock-converse.ts";
import { gemini } from "../../src/dialects/gemini/gemini.ts";
import type { Told } from "./case-file.ts";
import { tell } from "./told.ts";

const anything = fc.jsonValue({ maxDepth: 3 });
const words = fc.constantFrom(
  "",
  "a",
  "é😀",
  "STOP",
  "OTHER",
  "end_turn",
  "tool_use",
  "$.a[0].b",
  "nullValue",
);
const tokens = fc.oneof(fc.nat(1000), fc.integer(), fc.double(), fc.constantFrom(1e18, -1, "7", null, 0));

/** An object whose members are sometimes right, sometimes anything. */
function loosely(members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const loose = Object.entries(members).map(([name, right]) => [
    name,
    fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: anything }),
  ]);
  return fc.record(Object.fromEntries(loose), { requiredKeys: [] });
}

const call = loosely({
  name: words,
  id: words,
  args: fc.dictionary(words, anything),
  willContinue: fc.boolean(),
  partialArgs: fc.array(
    loosely({ jsonPath: words, stringValue: words, numberValue: tokens, nullValue: words }),
  ),
});
const part = loosely({ text: words, thought: fc.boolean(), thoughtSignature: words, functionCall: call });
const geminiChunk = loosely({
  responseId: words,
  candidates: fc.array(
    loosely({
      index: fc.nat(3),
      content: loosely({ parts: fc.array(part) }),
      finishReason: words,
      citationMetadata: loosely({ citationSources: fc.array(anything) }),
    }),
    { maxLength: 3 },
  ),
  promptFeedback: loosely({ blockReason: words }),
  usageMetadata: loosely({
    promptTokenCount: tokens,
    candidatesTokenCount: tokens,
    thoughtsTokenCount: tokens,
  }),
});

const block = loosely({
  text: words,
  toolUse: loosely({ toolUseId: words, name: words, input: fc.oneof(words, anything) }),
  reasoningContent: loosely({
    text: words,
    signature: words,
    redactedContent: words,
    reasoningText: anything,
  }),
  citation: anything,
});
const usage = loosely({ inputTokens: tokens, outputTokens: tokens, cacheReadInputTokens: tokens });
const bedrockEvent = loosely({
  contentBlockIndex: fc.nat(2),
  start: block,
  delta: block,
  stopReason: words,
  usage,
});
const bedrockAnswer = loosely({
  output: loosely({ message: loosely({ content: fc.array(block) }) }),
  stopReason: words,
  usage,
});
const bedrockNames = fc.constantFrom(
  "contentBlockStart",
  "contentBlockDelta",
  "contentBlockStop",
  "messageStop",
  "metadata",
  "throttlingException",
);

const claudeBlock = loosely({
  type: fc.constantFrom("text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "new"),
  text: words,
  thinking: words,
  signature: words,
  id: words,
  name: words,
  input: fc.oneof(words, anything),
  citations: fc.array(anything),
});
const claudeUsage = loosely({
  input_tokens: tokens,
  output_tokens: tokens,
  cache_read_input_tokens: tokens,
  cache_creation_input_tokens: tokens,
  cache_creation: loosely({ ephemeral_5m_input_tokens: tokens, ephemeral_1h_input_tokens: tokens }),
  output_tokens_details: loosely({ thinking_tokens: tokens }),
});
const claudeMessage = loosely({
  id: words,
  content: fc.array(claudeBlock, { maxLength: 4 }),
  stop_reason: words,
  stop_sequence: words,
  stop_details: loosely({ explanation: words }),
  usage: claudeUsage,
});
const claudeEvent = loosely({
  type: fc.constantFrom(
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
  ),
  index: fc.nat(2),
  message: claudeMessage,
  content_block: claudeBlock,
  delta: loosely({
    type: fc.constantFrom(
      "text_delta",
      "thinking_delta",
      "signature_delta",
      "input_json_delta",
      "citations_delta",
      "new",
    ),
    text: words,
    thinking: words,
    signature: words,
    partial_json: words,
    citation: anything,
    stop_reason: words,
  }),
  usage: claudeUsage,
});

/** Runs it; a FaultError is an outcome, anything else a bug. */
function orFault(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    expect(error.fault.reason.length).toBeLessThanOrEqual(500);
  }
}

function decodesWhole(dialect: UpstreamDialect, answer: fc.Arbitrary<unknown>): void {
  fc.assert(
    fc.property(fc.oneof(answer, anything), (body) => {
      orFault(() => {
        for (const { finish_reason, message } of dialect.decodeAnswer(body).choices) {
          expect(FINISH_REASONS).toContain(finish_reason);
          for (const { id, function: fn } of message.tool_calls ?? []) {
            expect(id).not.toBe("");
            expect(typeof fn.arguments).toBe("string");
          }
        }
      });
    }),
    { numRuns: 300 },
  );
}

function decodesStreams(
  dialect: UpstreamDialect,
  event: fc.Arbitrary<readonly [unknown, string | undefined]>,
): void {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      const told: Told = { choices: [], usage: null, id: null, skipped: 0, ended: false };
      const decoder = dialect.streamDecoder();
      orFault(() => {
        for (const [data, name] of events) {
          // `tell` checks that calls leave no gaps and have one id each.
          for (const decoded of decoder.push(JSON.stringify(data), name)) tell(told, decoded);
        }
      });
    }),
    { numRuns: 300 },
  );
}

describe("nothing an upstream sends makes the decoders throw anything but a FaultError", () => {
  test("Gemini, whole", () => decodesWhole(gemini, geminiChunk));
  test("Gemini, streamed", () =>
    decodesStreams(gemini, fc.tuple(fc.oneof(geminiChunk, anything), fc.constant(undefined))));
  test("Anthropic, whole", () => decodesWhole(anthropicMessages, claudeMessage));
  test("Anthropic, streamed", () =>
    decodesStreams(anthropicMessages, fc.tuple(fc.oneof(claudeEvent, anything), fc.constant(undefined))));
  test("Bedrock, whole", () => decodesWhole(bedrockConverse, bedrockAnswer));
  test("Bedrock, streamed", () =>
    decodesStreams(bedrockConverse, fc.tuple(fc.oneof(bedrockEvent, anything), bedrockNames)));
});
