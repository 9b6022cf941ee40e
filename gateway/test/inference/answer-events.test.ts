import { expect, test } from "bun:test";
import { eventsOf } from "../../src/core/answer-events.ts";
import type { AnswerMessage, ChatAnswer, Opaque } from "../../src/core/chat.ts";

const CALL = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } } as const;

function opaqueAt(mark: string, text?: number, calls = 0): Opaque {
  const at = text === undefined ? {} : { at: { text, calls } };
  return { family: "anthropic", data: { mark }, ...at };
}

function answerOf(message: AnswerMessage): ChatAnswer {
  return { choices: [{ index: 0, message, finish_reason: "stop", stop_detail: { reason: "end_turn" } }] };
}

test("a whole answer told as a stream keeps opaque data where it stood", () => {
  const opaque = [
    opaqueAt("first"),
    opaqueAt("within", 3),
    opaqueAt("between", 3, 1),
    opaqueAt("beyond", 99, 9),
  ];
  const message: AnswerMessage = { role: "assistant", content: "onetwo", tool_calls: [CALL, CALL], opaque };
  const told = eventsOf(answerOf(message)).map((event) => {
    if (event.type === "opaque") return event.opaque.data["mark"];
    if (event.type === "text") return event.text;
    return event.type;
  });
  const expected = ["first", "one", "within", "tool_call", "between", "two", "tool_call", "beyond", "finish"];
  expect(told).toEqual(expected);
});

test("a whole answer told as a stream keeps what the provider said of its end, and what stood beside the text", () => {
  const extra = { citations: [{ cited_text: "x" }] };
  expect(eventsOf(answerOf({ role: "assistant", content: "a", extra }))).toEqual([
    { type: "text", index: 0, text: "a" },
    { type: "extra", index: 0, extra },
    { type: "finish", index: 0, reason: "stop", detail: { reason: "end_turn" } },
  ]);
});
