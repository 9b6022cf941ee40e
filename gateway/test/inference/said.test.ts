import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { ChatEvent } from "../../src/core/chat.ts";
import { Continuation, Said } from "../../src/inference/said.ts";
import type { EventSource } from "../../src/inference/upstream-stream.ts";

const text = (piece: string): ChatEvent => ({ type: "text", index: 0, text: piece });
const FINISH: ChatEvent = { type: "finish", index: 0, reason: "stop" };

/** A source of these events, so many at a time. */
function sourceOf(events: readonly ChatEvent[], atOnce = 1): EventSource {
  let position = 0;
  return {
    next() {
      const piece = events.slice(position, (position += atOnce));
      return Promise.resolve(piece.length === 0 ? undefined : piece);
    },
    close: () => undefined,
  };
}

async function told(events: readonly ChatEvent[], said: string | undefined, atOnce = 1): Promise<string> {
  const source = new Continuation([], sourceOf(events, atOnce), said);
  let whole = "";
  for (let next = await source.next(); next; next = await source.next()) {
    for (const event of next) if (event.type === "text") whole += event.text;
  }
  return whole;
}

function cutInto(whole: string, cuts: readonly number[]): ChatEvent[] {
  const marks = [0, ...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
  return marks.slice(1).map((mark, i) => text(whole.slice(marks[i], mark)));
}

describe("the rest of an answer", () => {
  const texts = fc.string({ minLength: 1, maxLength: 20 });
  const cuts = fc.array(fc.nat(40), { maxLength: 6 });

  test("is what the backend says, where it does not repeat the beginning", async () => {
    await fc.assert(
      fc.asyncProperty(texts, cuts, fc.integer({ min: 1, max: 4 }), async (rest, at, atOnce) => {
        expect(await told([...cutInto(rest, at), FINISH], undefined, atOnce)).toBe(rest);
      }),
    );
  });

  test("is what follows the beginning, where the backend repeats that, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, cuts, fc.integer({ min: 1, max: 4 }), async (said, rest, at, atOnce) => {
        expect(await told([...cutInto(said + rest, at), FINISH], said, atOnce)).toBe(rest);
      }),
    );
  });

  test("is all of it, where the backend could repeat the beginning and does not", async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, cuts, async (said, rest, at) => {
        fc.pre(!rest.startsWith(said));
        expect(await told([...cutInto(rest, at), FINISH], said)).toBe(rest);
      }),
    );
  });

  test("has no second thoughts about what has been said", async () => {
    const events: ChatEvent[] = [{ type: "reasoning", index: 0, text: "hm" }, text("rest"), FINISH];
    const source = new Continuation(events, sourceOf([]), undefined);
    expect(await source.next()).toEqual([text("rest"), FINISH]);
    expect(await source.next()).toBeUndefined();
  });
});

describe("what was said", () => {
  test("is the text so far", () => {
    const said = new Said(1);
    expect(said.text).toBeUndefined();
    for (const event of [{ type: "reasoning", index: 0, text: "hm" } as const, text("one "), text("two")])
      said.note(event);
    expect(said.text).toBe("one two");
  });

  test("is nothing to go on from after a tool call, a refusal, a million characters, or with several answers", () => {
    const after = (event: ChatEvent, choices = 1): string | undefined => {
      const said = new Said(choices);
      said.note(text("one"));
      said.note(event);
      return said.text;
    };
    expect(after(text(" two"))).toBe("one two");
    expect(
      after({ type: "tool_call", index: 0, call: 0, id: "c", name: "f", arguments: "" }),
    ).toBeUndefined();
    expect(after({ type: "refusal", index: 0, text: "no" })).toBeUndefined();
    expect(after(FINISH)).toBeUndefined();
    expect(after(text("x".repeat(1_000_000)))).toBeUndefined();
    expect(after(text(" two"), 2)).toBeUndefined();
  });
});
