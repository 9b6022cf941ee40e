import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FrameEditor } from "../../src/dialects/openai-door/frame-editor.ts";

const HEAD = { id: "chatcmpl-ours", model: "acme/model", created: 7 };

/** What a caller must get for a chunk. */
function expected(chunk: Record<string, unknown>, includeUsage: boolean): Record<string, unknown> {
  const { usage: _usage, ...rest } = chunk;
  return {
    created: 7,
    ...rest,
    object: "chat.completion.chunk",
    id: HEAD.id,
    model: HEAD.model,
    ...(includeUsage && { usage: null }),
  };
}

function edited(editor: FrameEditor, text: string): unknown {
  const chunk = JSON.parse(text) as Record<string, unknown>;
  return JSON.parse(editor.edit(text, chunk));
}

const nasty = fc.constantFrom(
  '"model":"x"',
  '","model":"x',
  ',"usage":null}',
  '","usage":null,"',
  "\\",
  '\\"id\\":"',
  "é",
  "}",
);
const texts = fc.oneof(
  nasty,
  fc.string(),
  fc.tuple(nasty, nasty).map((pair) => pair.join("")),
);
const usage = fc.constantFrom(undefined, null, { prompt_tokens: 1 });
const inner = fc.constantFrom(
  { content: "x" },
  { content: "x", usage: null },
  { model: "inner", id: "inner" },
  { tool_calls: [{ index: 0, id: "call_1", function: { name: "f", arguments: '{"model":"m"}' } }] },
);
const tails = fc.constantFrom({}, { obfuscation: "abc" }, { x: { model: "inner" } }, { service_tier: null });

/** Chunks of one stream, by whatever server: the same beginning, members in any of a few orders. */
const streams = fc.record({
  first: fc.constantFrom(
    { id: "up-1", object: "chat.completion.chunk", created: 1, model: "up" },
    { id: "up-1", model: "up", object: "chat.completion.chunk", created: 1 },
    { object: "chat.completion.chunk", created: 1, model: "up", id: "up-1" },
    { id: "up-1" },
    { model: "up", created: 1 },
    { id: "up-1", model: "up", created: 1, object: "chat.completion" },
    {},
  ),
  isUsageFirst: fc.boolean(),
  rest: fc.array(fc.record({ text: texts, inner, tail: tails, usage }), { minLength: 1, maxLength: 6 }),
});

type StreamShape = typeof streams extends fc.Arbitrary<infer Shape> ? Shape : never;

function textsOf({ first, isUsageFirst, rest }: StreamShape): string[] {
  return rest.map(({ text, inner: delta, tail, usage: told }) => {
    const choices = [{ index: 0, delta: { ...delta, text } }];
    const usageMember = told === undefined ? {} : { usage: told };
    const chunk = isUsageFirst
      ? { ...usageMember, ...first, choices, ...tail }
      : { ...first, choices, ...usageMember, ...tail };
    return JSON.stringify(chunk);
  });
}

test("every chunk of every stream says what it said, under our id and the slug", () => {
  fc.assert(
    fc.property(streams, fc.boolean(), (stream, includeUsage) => {
      const editor = new FrameEditor({ ...HEAD, includeUsage });
      for (const text of textsOf(stream)) {
        const chunk = JSON.parse(text) as Record<string, unknown>;
        expect(edited(editor, text)).toEqual(expected(chunk, includeUsage));
      }
    }),
    { numRuns: 3_000 },
  );
});

describe("a second member of the same name, which is the one that counts", () => {
  const begin = '{"id":"a","object":"chat.completion.chunk","created":1,"model":"up","choices":[]';
  test.each([
    ["plain", `${begin},"model":"leak"}`],
    ["with an escape", `${begin},"mod\\u0065l":"leak"}`],
    ["the id", `${begin},"id":"leak"}`],
    ["a usage", `${begin},"usage":{"leak":1},"usage":null}`],
  ])("%s, does not get through behind a beginning that is known", (_name, text) => {
    const editor = new FrameEditor({ ...HEAD, includeUsage: false });
    editor.edit(`${begin}}`, {
      id: "a",
      object: "chat.completion.chunk",
      created: 1,
      model: "up",
      choices: [],
    });
    expect(JSON.stringify(edited(editor, text))).not.toContain("leak");
  });
});

test("what is not edited stays byte for byte", () => {
  const begin = '{"id":"up","object":"chat.completion.chunk","created":1,"model":"m"';
  const rest = ',"x":1.0,"choices":[{"index":0,"delta":{"content":"\\/ \\u2028"}}]}';
  const editor = new FrameEditor({ ...HEAD, includeUsage: false });
  const out = begin.replace('"up"', '"chatcmpl-ours"').replace('"m"', '"acme/model"') + rest;
  for (let i = 0; i < 3; i++) {
    expect(editor.edit(begin + rest, JSON.parse(begin + rest) as Record<string, unknown>)).toBe(out);
  }
});
