import { expect, test } from "bun:test";
import { ERRORS } from "../../src/errors.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { pick, pickText } from "../harness/json.ts";
import { DRIVERS, KEY_LIMIT } from "./error-drivers.ts";
import type { Driver } from "./error-drivers.ts";
import { codeOf, describeApi } from "./started.ts";

/** How many codes nothing can answer with yet. Lower it with each that can; it never goes up. */
const NOT_YET_MAX = 6;

const CODES = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS);

function driven(): readonly (readonly [ErrorCode, Driver])[] {
  return CODES.flatMap((code) => {
    const driver: unknown = DRIVERS[code];
    return isDriver(driver) ? [[code, driver] as const] : [];
  });
}

function isDriver(value: unknown): value is Driver {
  return typeof value === "function";
}

function notYet(): readonly ErrorCode[] {
  return CODES.filter((code) => !isDriver(DRIVERS[code]));
}

describeApi(
  "each code of the error table",
  (api) => {
    const seen = new Set<unknown>();

    test.each(driven())("%s is a real answer", async (code, drive) => {
      const replies = await drive(api);
      for (const reply of replies) seen.add(codeOf(reply));
      const told = replies.filter((reply) => codeOf(reply) === code);
      expect([code, told.length > 0]).toEqual([code, true]);
      const error = pick(told[0]?.body, "error");
      expect(told[0]?.status).toBe(ERRORS[code].status);
      // The contract check has seen the envelope; what is left is what people are told.
      expect(pickText(error, "message")).not.toMatch(/sqlite|select |stack| at \/|127\.0\.0\.1/i);
      expect(pickText(error, "hint").length).toBeGreaterThan(10);
      expect(pickText(error, "doc_url")).toEndWith(`/docs/errors/${code}`);
    });

    test("is either driven or waits for named work, and none that waits was met", () => {
      expect(Object.keys(DRIVERS).sort()).toEqual([...CODES].sort());
      for (const code of notYet()) {
        expect(pickText(DRIVERS[code], "waitsFor")).not.toBe("");
        expect([code, seen.has(code)]).toEqual([code, false]);
      }
      expect(notYet().length).toBeLessThanOrEqual(NOT_YET_MAX);
    });

    test("has a page of its own", async () => {
      const pages = await Promise.all(
        CODES.map(async (code) => {
          const page = await fetch(`${api.gateway.url}/docs/errors/${code}`);
          return [code, page.status, (await page.text()).includes(code)];
        }),
      );
      expect(pages).toEqual(CODES.map((code) => [code, 200, true]));
    });
  },
  { SCAIGRID_RATE_LIMITS: `key:${KEY_LIMIT},user:0,tenant:0,partner:0` },
);
