import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../scripts/repository.ts";
import { planted, problemsOf } from "./bug.ts";
import { BUGS } from "./bugs.ts";

const TYPESCRIPT = new Bun.Transpiler({ loader: "ts" });

test.each(BUGS.map((bug) => [bug.name, bug] as const))("can be planted: %s", (_name, bug) => {
  expect(problemsOf(bug, ROOT)).toEqual([]);
  const texts = [...planted(bug, ROOT).values()];
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) expect(() => TYPESCRIPT.transformSync(text)).not.toThrow();
  const files = bug.tests.map((file) => join(ROOT, "gateway/test", file));
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

test("no two have one name", () => {
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
});

test("one whose place in the sources is gone says so and is not planted", () => {
  const edit = { file: "pricing/charge.ts", find: "no such text", replace: "" };
  const [bug] = BUGS.map((each) => ({ ...each, edits: [edit] }));
  if (bug === undefined) throw new Error("there are no bugs");
  expect(problemsOf(bug, ROOT)).toHaveLength(1);
  expect(() => planted(bug, ROOT)).toThrow("no such text");
});
