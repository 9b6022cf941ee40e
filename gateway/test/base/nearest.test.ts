import { describe, expect, test } from "bun:test";
import { editDistance, nearest } from "../../src/base/nearest.ts";

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
    ["prot", "port", 1],
    ["ca", "abc", 3],
  ])("from %p to %p takes %p steps", (from, to, steps) => {
    expect([editDistance(from, to, 9), editDistance(to, from, 9)]).toEqual([steps, steps]);
  });

  test("says no more than limit + 1 beyond the limit", () => {
    expect(editDistance("kitten", "sitting", 2)).toBe(3);
    expect(editDistance("a", "completely different", 2)).toBe(3);
  });
});

describe("nearest", () => {
  const slugs = ["openai/gpt-4o", "openai/gpt-4o-mini", "mistral/large", "mistral/small", "qwen/max"];

  test("the likeliest comes first and no more than asked for come back", () => {
    expect(nearest("mistral/smal", slugs, 3)).toEqual(["mistral/small", "mistral/large"]);
    expect(nearest("mistral/smal", slugs, 1)).toEqual(["mistral/small"]);
    expect(nearest("mistral/smal", slugs, 0)).toEqual([]);
  });

  test("a name found whole inside a candidate is near, however long the rest", () => {
    expect(nearest("gpt-4o", slugs, 3)).toEqual(["openai/gpt-4o", "openai/gpt-4o-mini"]);
  });

  test("letter case does not matter", () => {
    expect(nearest("OpenAI/GPT-4o", slugs, 1)).toEqual(["openai/gpt-4o"]);
  });

  test("nothing is named when nothing is near", () => {
    expect(nearest("anthropic/claude", slugs, 3)).toEqual([]);
    expect(nearest("x", slugs, 3)).toEqual([]);
  });

  test("a name of any length is answered at once", () => {
    expect(nearest("x".repeat(1_000_000), slugs, 3)).toEqual([]);
  });
});
