import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Concern, CONCERNS, gapsOf, type Origin, ORIGINS } from "./concerns.ts";

// A format joins by a file in `suites/` and its cases in `test/fixtures/conformance/`.
const folder = join(import.meta.dir, "suites");
const suites = readdirSync(folder).filter((file) => file.endsWith(".ts"));

for (const file of suites) {
  const suite: {
    run(): readonly { concern: Concern; origin: Origin }[];
    /** Concerns that the format has nothing to do with. */
    without?: readonly Concern[];
  } = await import(join(folder, file));
  const cases = suite.run();
  test(`${file}: every concern has a recorded and an adversarial case`, () => {
    expect(gapsOf(cases, suite.without)).toEqual([]);
  });
}

test("the formats of both sides are in the table", () => {
  expect(suites).toContain("bedrock-converse.ts");
  expect(suites).toContain("gemini.ts");
  expect(suites).toContain("anthropic-door.ts");
  expect(suites).toContain("anthropic-messages.ts");
  expect(suites).toContain("openai-chat.ts");
  expect(suites).toContain("openai-door.ts");
  expect(suites).toContain("scaigrid.ts");
});

test("an empty cell of the table is found", () => {
  const full = CONCERNS.flatMap((concern) => ORIGINS.map((origin) => ({ concern, origin })));
  expect(gapsOf(full)).toEqual([]);
  expect(gapsOf(full.filter((one) => one.concern !== "usage" || one.origin !== "adversarial"))).toEqual([
    "usage/adversarial",
  ]);
});
