import { expect, test } from "bun:test";
import { readOptions } from "./options.ts";
import { USUAL_SECTIONS } from "./sections/sections.ts";

test("without arguments every section is run, and nothing is saved or compared", () => {
  expect(readOptions([])).toMatchObject({ rounds: 3, seconds: 6, save: undefined, compare: undefined });
  expect(readOptions([]).only).toEqual(USUAL_SECTIONS);
});

test("--save and --compare stand alone or name a file", () => {
  const { save, compare } = readOptions(["--save", "--compare"]);
  expect(save).toEndWith("bench/results/latest.json");
  expect(compare).toBe(save);
  expect(readOptions(["--save", "default"]).save).toBe(save);
  expect(readOptions(["--compare", "a.json", "--save", "b.json"])).toMatchObject({
    compare: "a.json",
    save: "b.json",
  });
});

test("chosen sections are run in their own order", () => {
  expect(readOptions(["--only", "start,chat"]).only).toEqual(["chat", "start"]);
});

test.each([
  [["--only", "chats"], 'not "chats"'],
  [["--rounds", "0"], "--rounds takes a number from 1 to 600"],
  [["--seconds", "x"], "--seconds takes a number from 1 to 600"],
  [["--fast"], "--fast"],
])("%p is refused with what there is", (args, said) => {
  expect(() => readOptions(args)).toThrow(said);
});
