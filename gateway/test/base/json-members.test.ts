import { expect, test } from "bun:test";
import fc from "fast-check";
import { editMembers, membersOf } from "../../src/base/json-members.ts";

const SPACES = ["", " ", "\n", "\t ", "\r\n  "] as const;

/** An object as text, with white space wherever JSON allows it. */
function spaced(members: readonly (readonly [string, unknown])[], space: string): string {
  const texts = members.map(
    ([key, value]) =>
      `${space}${JSON.stringify(key)}${space}:${space}${JSON.stringify(value, null, space)}${space}`,
  );
  return `${space}{${texts.join(",")}${texts.length === 0 ? space : ""}}${space}`;
}

const values = fc.oneof(
  fc.jsonValue(),
  // What could be taken for structure.
  fc.constantFrom('"', "\\", '\\"', "}", "{", '","model":"x"', ',"usage":null}', "[", "]:", "null"),
);
const objects = fc.array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom("model", "id", 'a"b')), values), {
  maxLength: 6,
});

test("the members of an object are found whatever they hold, and their text is their value's", () => {
  fc.assert(
    fc.property(objects, fc.constantFrom(...SPACES), (members, space) => {
      const text = spaced(members, space);
      const found = membersOf(text);
      expect(found.map(({ key }) => key)).toEqual(members.map(([key]) => key));
      for (const [place, { valueStart, end }] of found.entries()) {
        const expected: unknown = JSON.parse(JSON.stringify(members[place]?.[1]));
        expect(JSON.parse(text.slice(valueStart, end))).toEqual(expected);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("an edit changes its members and nothing else", () => {
  fc.assert(
    fc.property(objects, fc.constantFrom(...SPACES), fc.jsonValue(), (members, space, value) => {
      const edits = new Map([
        ["model", JSON.stringify(value)],
        ["id", undefined],
      ]);
      const edited = editMembers(spaced(members, space), edits);
      const expected = members.filter(([key]) => key !== "id" && key !== "model");
      const parsed = Object.entries(Object(JSON.parse(edited)));
      const plain = JSON.stringify(Object.fromEntries(expected));
      expect(JSON.stringify(Object.fromEntries(parsed.filter(([key]) => key !== "model")))).toBe(plain);
      expect(parsed.find(([key]) => key === "model")?.[1]).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 1_000 },
  );
});

test("numbers, escapes and the order of what is not edited stay byte for byte", () => {
  const text = '{"a":1.0,"model":"m","b":"\\u00e9\\/","c":1e2,"d":{"model":"inner"}}';
  expect(editMembers(text, new Map([["model", '"x"']]))).toBe(text.replace('"m"', '"x"'));
});

test("a key written with escapes, or twice, is edited as the one it is", () => {
  const text = '{"mod\\u0065l":"a","x":1,"model":"b"}';
  expect(JSON.parse(editMembers(text, new Map([["model", '"x"']])))).toEqual({ model: "x", x: 1 });
  expect(editMembers(text, new Map([["model", undefined]]))).toBe('{"x":1}');
});

test("a member that is missing is put at the end", () => {
  expect(editMembers("{}", new Map([["a", "1"]]))).toBe('{"a":1}');
  expect(editMembers('{"b":2}', new Map([["a", "1"]]))).toBe('{"b":2,"a":1}');
});
