import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unexercised } from "../../../scripts/testing/exercised.ts";
import { DECLARED } from "../harness/declared.ts";

const folder = mkdtempSync(join(tmpdir(), "scaigrid-exercised-test-"));
const ALL = DECLARED.flatMap(({ method, path }) => [
  `${method} ${path} success`,
  `${method} ${path} refusal`,
]);

/** The notes of two processes, one of which saw the other half. */
function note(lines: readonly string[]): void {
  const half = Math.ceil(lines.length / 2);
  writeFileSync(join(folder, "1.txt"), lines.slice(0, half).join("\n") + "\n");
  writeFileSync(join(folder, "2.txt"), lines.slice(half).join("\n") + "\n");
}

afterAll(() => rmSync(folder, { recursive: true }));

describe("a run of all tests", () => {
  test("that has seen every answer lacks nothing", () => {
    note(ALL);
    expect(unexercised(folder)).toEqual([]);
  });

  test.each([
    "POST /v1/api-keys success",
    "GET /v1/models refusal",
    "POST /v1/auth/login refusal",
    "GET /health success",
  ])("that has not seen %s is told so", (line) => {
    note(ALL.filter((seen) => seen !== line));
    expect(unexercised(folder)).toEqual([line]);
  });

  test("needs no refusal of what refuses nobody, and leaves the console to the browser", () => {
    note(ALL.filter((line) => line !== "GET /health refusal" && !line.includes(" /admin")));
    expect(unexercised(folder)).toEqual([]);
  });
});
