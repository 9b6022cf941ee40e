import { expect, test } from "bun:test";
import type { ChatRequest } from "../../src/core/chat.ts";
import { thinkingFor } from "../../src/dialects/anthropic-messages/thinking.ts";

function asking(effort: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model: "m",
    messages: [{ role: "user", content: "hi" }],
    max_tokens: 20_000,
    reasoning_effort: effort,
    ...more,
  };
}

const ADAPTIVE = { thinking: { type: "adaptive" }, output_config: { effort: "high" } };

test.each(["claude-opus-4-6", "claude-opus-4-10", "claude-opus-5", "claude-haiku-5-5", "claude-next"])(
  "%s chooses for itself how long it thinks",
  (model) => {
    expect(thinkingFor(asking("high"), model)?.fields).toEqual(ADAPTIVE);
  },
);

test.each(["claude-sonnet-4-5-20250929", "claude-opus-4-20250514", "claude-3-7-sonnet-20250219"])(
  "%s is told how long to think, and room is left for the answer",
  (model) => {
    const budget = (tokens: number) => ({ thinking: { type: "enabled", budget_tokens: tokens } });
    expect(thinkingFor(asking("high"), model)?.fields).toEqual(budget(16_384));
    expect(thinkingFor(asking("high", { max_tokens: 6_000 }), model)?.fields).toEqual(budget(4_976));
    expect(thinkingFor(asking("high", { max_tokens: 2_000 }), model)).toBeUndefined();
  },
);

test("a model that is told how long to think does not where its last reasoning was not handed back", () => {
  const call = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } } as const;
  const round = (more: object) => [
    { role: "user", content: "hi" } as const,
    { role: "assistant", tool_calls: [call], ...more } as const,
    { role: "tool", tool_call_id: "c1", content: "18" } as const,
  ];
  const signed = { opaque: [{ family: "anthropic", data: { type: "thinking", signature: "s" } }] };
  expect(thinkingFor(asking("low", { messages: round({}) }), "claude-sonnet-4-5")).toBeUndefined();
  expect(thinkingFor(asking("low", { messages: round(signed) }), "claude-sonnet-4-5")?.thinks).toBe(true);
  expect(thinkingFor(asking("low", { messages: round({}) }), "claude-opus-5")?.thinks).toBe(true);
});
