import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { JsonProblem, parseJson } from "../../src/base/json.ts";

function problemOf(text: string, maxDepth?: number): JsonProblem {
  try {
    parseJson(text, maxDepth === undefined ? undefined : { maxDepth });
  } catch (problem) {
    if (problem instanceof JsonProblem) return problem;
    throw problem;
  }
  throw new Error(`taken: ${text}`);
}

describe("depth", () => {
  test("64 levels pass, the 65th is refused where it stands", () => {
    expect(parseJson("[".repeat(64) + "]".repeat(64)).value).toBeArray();
    const problem = problemOf(`{\n "a": ${"[".repeat(64)}${"]".repeat(64)}}`);
    expect(problem.message).toContain("deeper than 64");
    expect([problem.line, problem.column]).toEqual([2, 70]);
  });

  test("a million open brackets are refused without recursion", () => {
    expect(problemOf("[".repeat(1_000_000)).column).toBe(65);
    expect(problemOf('{"a":'.repeat(1_000_000)).column).toBe(321);
  });

  test("brackets inside strings do not count, whatever the backslashes before the quote", () => {
    for (const text of ['["[[[["]', '["\\"[[[["]', '["\\\\", "[[["]', '["\\\\\\"[[[["]']) {
      expect(parseJson(text, { maxDepth: 1 }).value).toEqual(JSON.parse(text));
    }
    expect(problemOf('["\\\\",[1]]', 1).message).toContain("deeper than 1");
  });
});

describe("numbers", () => {
  test.each([
    "1e999",
    "-1e999",
    "9007199254740993",
    "90071992547409930",
    "-1e17",
    "1e400",
    "9007199254740992",
  ])("%s is refused with its path", (number) => {
    expect(problemOf(`{"a":[{"seed":1},{"odd key":${number}}]}`).path).toBe('a[1]["odd key"]');
  });

  test.each([
    "9007199254740991",
    "-9007199254740991",
    "1e15",
    "0.12345678901234567890",
    "1E-400",
    "123456789012345",
  ])("%s passes", (number) => {
    expect(parseJson(`[${number}]`).value).toEqual([Number(number)]);
  });

  test("what only looks like a number, inside a string, is not looked at", () => {
    expect(parseJson('{"a":"1e999 9007199254740993"}').value).toEqual({ a: "1e999 9007199254740993" });
  });
});

describe("keys", () => {
  test("__proto__ is removed wherever it stands and however it is written, and its place is told", () => {
    const text = '{"__proto__":{"x":1},"a":[{"\\u005f_proto\\u005F_":2,"b":3}]}';
    const { value, droppedPaths } = parseJson(text);
    expect(JSON.stringify(value)).toBe('{"a":[{"b":3}]}');
    expect(droppedPaths).toEqual(["__proto__", "a[0].__proto__"]);
  });

  test("the prototype of nothing changes, and constructor is a key like any other", () => {
    const { value, droppedPaths } = parseJson(
      '{"constructor":{"prototype":{"polluted":1}},"__proto__":{"p":1}}',
    );
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(droppedPaths).toEqual(["__proto__"]);
  });

  test("a thousand of them are all removed, and 32 are told", () => {
    const { value, droppedPaths } = parseJson(`[${Array(1000).fill('{"__proto__":1}').join(",")}]`);
    expect(JSON.stringify(value)).not.toContain("proto");
    expect(droppedPaths).toHaveLength(32);
  });
});

describe("syntax errors have a line and a column", () => {
  test.each([
    ["", 1, 1],
    ["  \n ", 2, 2],
    ['{"a":}', 1, 6],
    ['{"a":1,}', 1, 8],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3],
    ["[1,2", 1, 5],
    ["{'a':1}", 1, 2],
    ['{"a"=1}', 1, 5],
    ["[01]", 1, 3],
    ['["\\x"]', 1, 3],
    ['["a\nb"]', 1, 4],
    ['["abc', 1, 6],
    ["[NaN]", 1, 2],
    ["[1] 2", 1, 5],
    ["\uFEFF{}", 1, 1],
  ])("%j: line %d, column %d", (text, line, column) => {
    const problem = problemOf(text);
    expect([problem.line, problem.column]).toEqual([line, column]);
    expect(problem.message).toContain(`line ${line}, column ${column}`);
  });
});

describe("whatever comes in", () => {
  const almostJson = fc
    .tuple(fc.json({ maxDepth: 5 }), fc.nat(), fc.string({ maxLength: 3, unit: "binary" }))
    .map(
      ([json, at, noise]) =>
        json.slice(0, at % (json.length + 1)) + noise + json.slice(at % (json.length + 1)),
    );

  test("it is the value JSON.parse gives, or a JsonProblem with a place", () => {
    const texts = fc.oneof(fc.json(), almostJson, fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(texts, (text) => {
        let parsed: { value: unknown } | undefined;
        try {
          parsed = parseJson(text);
        } catch (problem) {
          if (!(problem instanceof JsonProblem)) throw problem;
          expect(problem.line !== undefined || problem.path !== undefined).toBe(true);
        }
        if (parsed !== undefined && !text.includes("proto")) expect(parsed.value).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test("the second scan finds a fault exactly where JSON.parse does", () => {
    fc.assert(
      fc.property(almostJson, (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (!valid) expect(problemOf(text).message).not.toContain("not valid JSON");
      }),
      { numRuns: 500 },
    );
  });
});
