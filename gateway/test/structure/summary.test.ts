import { describe, expect, test } from "bun:test";
import { summarise } from "../../../scripts/testing/bun-test.ts";

function tail(passed: number, failed: number, files: number, more = ""): string {
  return `\n ${passed} pass\n${more} ${failed} fail\n 3 expect() calls\nRan ${passed + failed} tests across ${files} files. [9.00ms]\n`;
}

describe("the summary of a test run", () => {
  test("a complete run is what Bun counted", () => {
    expect(summarise(tail(20, 0, 4, " 2 skip\n"), 0, 4)).toEqual({ passed: 20, failed: 0, skipped: 2 });
  });

  test("failures are counted", () => {
    expect(summarise(tail(20, 3, 4), 1, 4)).toMatchObject({ passed: 20, failed: 3 });
  });

  test.each([
    ["without its closing line", "a.test.ts:\n(pass) a\n 1 pass\n", 0, undefined],
    ["in which nothing passed", tail(0, 0, 1), 0, undefined],
    ["that ended with an error code although all passed", tail(5, 0, 1), 1, undefined],
    ["that said nothing", "", 0, undefined],
    ["with fewer files than there are", tail(20, 0, 3), 0, 4],
  ])("a run %s has failed", (_title, text, code, files) => {
    expect(summarise(text, code, files).failed).toBe(1);
  });

  test("what a test prints is not taken for the summary", () => {
    expect(summarise(` 99 pass\n 7 fail\n${tail(2, 0, 1)}`, 0, 1)).toMatchObject({ passed: 2, failed: 0 });
  });
});
