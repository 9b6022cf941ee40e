import { expect, test } from "bun:test";
import type { ChatEvent } from "../../src/core/chat.ts";
import { bedrockConverse } from "../../src/dialects/bedrock-converse/bedrock-converse.ts";

type Sent = readonly [name: string, event: Readonly<Record<string, unknown>>];

function begin(toolUseId: string): Sent {
  return ["contentBlockStart", { contentBlockIndex: 0, start: { toolUse: { toolUseId, name: "look" } } }];
}

function input(piece: unknown): Sent {
  return ["contentBlockDelta", { contentBlockIndex: 0, delta: { toolUse: { input: piece } } }];
}

const STOP: Sent = ["contentBlockStop", { contentBlockIndex: 0 }];
const END: Sent = ["messageStop", { stopReason: "tool_use" }];

function told(...sent: readonly Sent[]): readonly ChatEvent[] {
  const decoder = bedrockConverse.streamDecoder();
  return sent.flatMap(([name, event]) => decoder.push(JSON.stringify(event), name));
}

/** The arguments of each call, put together. */
function argumentsIn(events: readonly ChatEvent[]): readonly string[] {
  const calls: string[] = [];
  for (const event of events) {
    if (event.type === "tool_call") calls[event.call] = (calls[event.call] ?? "") + (event.arguments ?? "");
  }
  return calls;
}

test("a call that begins at the number of one still open ends that one first", () => {
  const events = told(begin("a"), begin("b"), input('{"at":1}'), STOP, END);
  expect(argumentsIn(events)).toEqual(["{}", '{"at":1}']);
});

test("input that comes as an object is told as its JSON text", () => {
  expect(argumentsIn(told(begin("a"), input({ at: { x: 1 } }), STOP, END))).toEqual(['{"at":{"x":1}}']);
});

test("an object without members says nothing before the pieces that follow it", () => {
  expect(argumentsIn(told(begin("a"), input({}), input('{"at":'), input("1}"), STOP, END))).toEqual([
    '{"at":1}',
  ]);
  expect(argumentsIn(told(begin("a"), input({}), STOP, END))).toEqual(["{}"]);
});
