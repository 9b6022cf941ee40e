import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BEHAVIOURS } from "../fakes/faults.ts";
import { readPlan } from "../fakes/plan.ts";
import { CLIENT_FAULTS } from "./catalogue/client.ts";
import { UPSTREAM_FAULTS } from "./catalogue/upstream.ts";

const TESTS = join(import.meta.dir, "..");
const FAULTS = UPSTREAM_FAULTS.flatMap((group) => group.faults);
const CASES = FAULTS.flatMap((fault) => fault.cases.map((each) => ({ ...each, number: fault.number })));

/** `U01`, `U02` …: as many as there are. */
function numbers(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${letter}${String(i + 1).padStart(2, "0")}`);
}

describe("the catalogue of faults", () => {
  test("numbers every fault once, without gaps, in the order of the reference", () => {
    expect(FAULTS.map(({ number }) => number)).toEqual([...numbers("U", FAULTS.length)]);
    expect(CLIENT_FAULTS.map(({ number }) => number)).toEqual([...numbers("C", CLIENT_FAULTS.length)]);
  });

  test("names suites that exist", () => {
    for (const { test: file } of [...UPSTREAM_FAULTS, ...CLIENT_FAULTS]) {
      expect([file, existsSync(join(TESTS, file))]).toEqual([file, true]);
    }
  });

  test("has a case for every fault, and a stream among the cases of whatever a stream can meet", () => {
    for (const { number, cases } of FAULTS) expect([number, cases.length > 0]).toEqual([number, true]);
    // What the end of an answer says that is no stream.
    const wholeOnly = FAULTS.filter(({ cases }) => cases.every(({ form }) => form === "whole"));
    expect(wholeOnly.map(({ number }) => number)).toEqual(["U40"]);
  });

  test("asks for every fault that the fault upstream can commit", () => {
    const asked = new Set(
      CASES.filter(({ plan }) => plan.startsWith("fake-")).map(({ plan }) => readPlan(plan).behaviour),
    );
    expect([...BEHAVIOURS.keys()].filter((name) => !asked.has(name))).toEqual([]);
  });

  test("never lets a refused request be sent twice, nor any other more than twice", () => {
    for (const { number, gets, attempts, calls = 1 } of CASES) {
      const isRefused = gets.kind === "error" && ["VALIDATION_ERROR", "CONTENT_FILTERED"].includes(gets.code);
      expect([number, attempts <= calls * (isRefused ? 1 : 2)]).toEqual([number, true]);
    }
  });

  test("charges for nothing that was not delivered", () => {
    for (const { number, gets, charged } of CASES) {
      expect([number, charged === "nothing"]).toEqual([number, gets.kind === "error"]);
    }
  });
});
