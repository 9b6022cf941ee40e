import { beforeAll, describe, expect, test } from "bun:test";
import type { Breach } from "../../../scripts/structure/breach.ts";
import { checkTree, RULES } from "../../../scripts/structure/check-tree.ts";
import { BREACHES, CLEAN } from "./plants.ts";

const ERRORS = [
  "gateway/src/errors.ts",
  "export const ERRORS = { NOT_FOUND: { status: 404 } } as const;\n",
] as const;

describe("planted breaches", () => {
  let found: readonly Breach[] = [];
  beforeAll(async () => {
    // One tree for all: each plant is in a file of its own, and none may disturb another.
    found = await checkTree(
      new Map([ERRORS, ...BREACHES.map((plant) => [plant.path, plant.text] as const)]),
      [],
    );
  });

  test.each(BREACHES.map((plant) => [plant.rules.join(", "), plant.path, plant] as const))(
    "%s is found in %s",
    (_rules, path, plant) => {
      const here = found.filter((breach) => breach.file === path);
      expect(here.map((breach) => breach.rule).sort()).toEqual([...plant.rules].sort());
      expect(here.map((breach) => breach.line)).toEqual(here.map(() => plant.line ?? 1));
      for (const breach of here) expect(breach.message).not.toBe("");
    },
  );

  test("every plant has a file of its own", () => {
    expect(new Set(BREACHES.map((plant) => plant.path)).size).toBe(BREACHES.length);
  });

  test("every rule has a plant", () => {
    const planted = new Set(BREACHES.flatMap((plant) => plant.rules));
    expect(RULES.map((rule) => rule.name).filter((name) => !planted.has(name))).toEqual([]);
  });
});

describe("what is allowed", () => {
  test("a clean tree passes", async () => {
    expect(await checkTree(new Map([ERRORS, ...CLEAN]), [])).toEqual([]);
  });
});

describe("exceptions", () => {
  const path = "gateway/src/http/state.ts";
  const files = new Map([[path, "export let a = 1;\nexport let b = 2;\n"]]);
  const exception = { rule: "state", file: path, reason: "planted" };

  test("an exception for a file excuses all that its rule finds there", async () => {
    expect(await checkTree(files, [exception])).toEqual([]);
  });

  test("an exception for a subject excuses that one only", async () => {
    const breaches = await checkTree(files, [{ ...exception, subject: "a" }]);
    expect(breaches.map(({ line, rule }) => [line, rule])).toEqual([[2, "state"]]);
  });

  test("an exception that excuses nothing is reported", async () => {
    const breaches = await checkTree(files, [exception, { ...exception, rule: "sizes" }]);
    expect(breaches.map(({ file, rule }) => [file, rule])).toEqual([[path, "exceptions"]]);
  });
});
