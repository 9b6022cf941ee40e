import { describe, expect, test } from "bun:test";
import { UNBELIEVED_USAGE, USAGE_BUCKETS } from "../../src/core/usage.ts";
import * as anthropic from "../../src/dialects/anthropic-messages/usage.ts";
import * as bedrock from "../../src/dialects/bedrock-converse/usage.ts";
import * as chat from "../../src/dialects/chat-completions/usage.ts";
import * as cohere from "../../src/dialects/cohere/usage.ts";
import * as gemini from "../../src/dialects/gemini/usage.ts";
import * as responses from "../../src/dialects/openai-responses/usage.ts";

const LIES = [-1, 1e18, 2 ** 53, 1.5, "12", Number.NaN, null, {}, [3]] as const;

/** How each format says what was used; `count` stands for its two main counts. */
const FORMATS = [
  ["chat completions", chat, (count: unknown) => ({ prompt_tokens: count, completion_tokens: count })],
  [
    "responses",
    { ...responses, readUsage: (wire: unknown) => responses.readUsage(wire, 0) },
    (count: unknown) => ({ input_tokens: count, output_tokens: count }),
  ],
  ["Anthropic", anthropic, (count: unknown) => ({ input_tokens: count, output_tokens: count })],
  ["Gemini", gemini, (count: unknown) => ({ promptTokenCount: count, candidatesTokenCount: count })],
  ["Bedrock", bedrock, (count: unknown) => ({ inputTokens: count, outputTokens: count })],
  [
    "Cohere",
    cohere,
    (count: unknown) => ({
      tokens: { input_tokens: count, output_tokens: count },
      billed_units: { input_tokens: count, output_tokens: count },
    }),
  ],
] as const;

describe.each(FORMATS)("%s", (_name, format, wire) => {
  test("a true report is believed", () => {
    const usage = format.readUsage(wire(12));
    expect(usage).toMatchObject({ input: 12, output: 12 });
  });

  test.each(LIES.map((lie) => [JSON.stringify(lie), lie] as const))(
    "a count of %s is no count: nothing of the report is charged",
    (_text, lie) => {
      const usage = format.readUsage(wire(lie));
      for (const bucket of USAGE_BUCKETS) {
        const count = usage?.[bucket] ?? 0;
        expect(Number.isSafeInteger(count) && count >= 0 && count <= 2 ** 31).toBe(true);
      }
      expect(usage?.input).toBeUndefined();
    },
  );

  test.each([-1, 1e18, 1.5, "12"])("that %p is no count is told", (lie) => {
    expect(format.usageProblem(wire(lie)) ?? "").toStartWith(UNBELIEVED_USAGE);
  });
});
