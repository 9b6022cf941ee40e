import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { FAULT_CLASSES, type Fault, type FaultClass } from "../../src/core/fault.ts";
import {
  BACKOFF_MAX_MS,
  RETRY_AFTER_WAIT_MAX_MS,
  verdictAfter,
  type AttemptState,
  type Verdict,
} from "../../src/routing/verdict.ts";

function fault(faultClass: FaultClass, changes: Partial<Fault> = {}): Fault {
  return { class: faultClass, reason: "it failed", ...changes };
}

function after(
  faultClass: FaultClass,
  changes: Partial<AttemptState> = {},
  faultChanges: Partial<Fault> = {},
): Verdict {
  return verdictAfter({
    fault: fault(faultClass, faultChanges),
    attempts: 1,
    attemptsOnBackend: 1,
    candidatesLeft: 1,
    delivered: false,
    retry: { attempts: 3, same_backend: 1 },
    random: 0.5,
    ...changes,
  });
}

const REJECTED: readonly FaultClass[] = ["bad_request", "content_filter", "context_length"];
const PASSING: readonly FaultClass[] = ["network", "server_error"];
const OTHERS: readonly FaultClass[] = ["timeout", "auth", "shape", "rate_limited", "unavailable"];

describe("verdictAfter", () => {
  test("the table below covers every class", () => {
    expect([...REJECTED, ...PASSING, ...OTHERS].toSorted()).toEqual([...FAULT_CLASSES].toSorted());
  });

  test.each(REJECTED)("%s is the request's own fault: never tried again anywhere", (faultClass) => {
    expect(after(faultClass, { candidatesLeft: 5 })).toHaveProperty("next", "stop");
  });

  test.each(PASSING)("%s: the same backend once, after a backoff, then the next one", (faultClass) => {
    expect(after(faultClass)).toMatchObject({ next: "same_backend", waitMs: BACKOFF_MAX_MS / 2 });
    expect(after(faultClass, { attempts: 2, attemptsOnBackend: 2 })).toHaveProperty("next", "next_candidate");
    expect(after(faultClass, { attempts: 2, attemptsOnBackend: 2, candidatesLeft: 0 })).toHaveProperty(
      "next",
      "stop",
    );
  });

  test.each(OTHERS)(
    "%s: the next backend at once, never the same one while there is another",
    (faultClass) => {
      expect(after(faultClass)).toHaveProperty("next", "next_candidate");
      expect(after(faultClass, {}, { retryAfterSeconds: 1 })).toHaveProperty("next", "next_candidate");
      expect(after(faultClass, { candidatesLeft: 0 })).toHaveProperty("next", "stop");
    },
  );

  test.each(["rate_limited", "unavailable"] as const)(
    "%s with nowhere else to go waits for a short Retry-After, once",
    (faultClass) => {
      const last = { candidatesLeft: 0 };
      expect(after(faultClass, last, { retryAfterSeconds: 2 })).toMatchObject({
        next: "same_backend",
        waitMs: RETRY_AFTER_WAIT_MAX_MS,
      });
      expect(after(faultClass, last, { retryAfterSeconds: 3 })).toHaveProperty("next", "stop");
      const waited = { ...last, attempts: 2, attemptsOnBackend: 2 };
      expect(after(faultClass, waited, { retryAfterSeconds: 1 })).toHaveProperty("next", "stop");
    },
  );

  test("a Retry-After makes no other class wait", () => {
    for (const faultClass of ["timeout", "auth", "shape"] as const) {
      expect(after(faultClass, { candidatesLeft: 0 }, { retryAfterSeconds: 1 })).toHaveProperty(
        "next",
        "stop",
      );
    }
  });

  test("a policy that forbids the same backend is obeyed, one that allows many gets one", () => {
    const never = { retry: { attempts: 3, same_backend: 0 } };
    expect(after("network", never)).toHaveProperty("next", "next_candidate");
    expect(after("rate_limited", { ...never, candidatesLeft: 0 }, { retryAfterSeconds: 1 })).toHaveProperty(
      "next",
      "stop",
    );
    const many = { retry: { attempts: 9, same_backend: 5 }, attempts: 2, attemptsOnBackend: 2 };
    expect(after("network", many)).toHaveProperty("next", "next_candidate");
  });

  test("backoff is full jitter: from nothing up to the longest, in whole milliseconds", () => {
    expect(after("network", { random: 0 })).toHaveProperty("waitMs", 0);
    expect(after("network", { random: 0.999_999 })).toHaveProperty("waitMs", BACKOFF_MAX_MS - 1);
  });

  const states = fc.record({
    attempts: fc.integer({ min: 1, max: 6 }),
    attemptsOnBackend: fc.integer({ min: 1, max: 3 }),
    candidatesLeft: fc.nat(3),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  const classes = fc.constantFrom(...FAULT_CLASSES);

  test("a simulated fault, delivered content and the last allowed attempt always stop", () => {
    fc.assert(
      fc.property(states, classes, fc.nat(5), (state, faultClass, retryAfterSeconds) => {
        expect(after(faultClass, state, { simulated: true, retryAfterSeconds })).toHaveProperty(
          "next",
          "stop",
        );
        expect(after(faultClass, { ...state, delivered: true }, { retryAfterSeconds })).toHaveProperty(
          "next",
          "stop",
        );
        const spent = { ...state, retry: { attempts: state.attempts, same_backend: 1 } };
        expect(after(faultClass, spent, { retryAfterSeconds })).toHaveProperty("next", "stop");
      }),
    );
  });

  test("following the verdicts always ends within the policy's attempts, with at most two on one backend", () => {
    fc.assert(
      fc.property(
        fc.array(classes, { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(4),
        (faults, allowed, others) => {
          let attempts = 1;
          let attemptsOnBackend = 1;
          let candidatesLeft = others;
          for (const faultClass of faults) {
            const retry = { attempts: allowed, same_backend: 1 };
            const state = { attempts, attemptsOnBackend, candidatesLeft, retry };
            const verdict = after(faultClass, state, { retryAfterSeconds: 1 });
            if (verdict.next === "stop") return;
            attempts += 1;
            attemptsOnBackend = verdict.next === "same_backend" ? attemptsOnBackend + 1 : 1;
            if (verdict.next === "next_candidate") candidatesLeft -= 1;
            expect(attempts).toBeLessThanOrEqual(allowed);
            expect(attemptsOnBackend).toBeLessThanOrEqual(2);
            expect(candidatesLeft).toBeGreaterThanOrEqual(0);
          }
          throw new Error("twenty faults and still trying");
        },
      ),
    );
  });
});
