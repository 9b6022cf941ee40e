import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { POLICY_DEFAULTS } from "../../src/core/catalogue.ts";
import { FAILOVER_CLASSES, FAULT_CLASSES, type Fault, type FaultClass } from "../../src/core/fault.ts";
import {
  BACKOFF_MAX_MS,
  RETRY_AFTER_WAIT_MAX_MS,
  verdictAfter,
  type AttemptState,
  type Verdict,
} from "../../src/routing/verdict.ts";

const POLICY: AttemptState["policy"] = POLICY_DEFAULTS;

function after(
  faultClass: FaultClass,
  changes: Partial<AttemptState> = {},
  faultChanges: Partial<Fault> = {},
): Verdict {
  return verdictAfter({
    fault: { class: faultClass, reason: "it failed", ...faultChanges },
    attempts: 1,
    attemptsOnBackend: 1,
    maySameBackend: true,
    next: "well",
    failovers: 0,
    hasBudget: true,
    policy: POLICY,
    random: 0.5,
    ...changes,
  });
}

function policyWith(changes: Partial<AttemptState["policy"]>): Pick<AttemptState, "policy"> {
  return { policy: { ...POLICY, ...changes } };
}

const LAST = { next: "nothing" } as const;
const REJECTED: readonly FaultClass[] = ["bad_request", "content_filter"];
const PASSING: readonly FaultClass[] = ["network", "server_error"];
const OTHERS: readonly FaultClass[] = [
  "timeout",
  "auth",
  "shape",
  "rate_limited",
  "unavailable",
  "context_length",
];

describe("verdictAfter", () => {
  test("the table below covers every class", () => {
    expect([...REJECTED, ...PASSING, ...OTHERS].toSorted()).toEqual([...FAULT_CLASSES].toSorted());
  });

  test.each(REJECTED)("%s is the request's own fault: never tried again anywhere", (faultClass) => {
    expect(after(faultClass)).toHaveProperty("next", "stop");
  });

  test.each([404, 405])(
    "%d is no fault of the request: the next backend at once, never the same one",
    (status) => {
      expect(after("bad_request", {}, { status })).toHaveProperty("next", "next_candidate");
      expect(after("bad_request", LAST, { status })).toHaveProperty("next", "stop");
      expect(after("bad_request", policyWith({ failoverOn: ["network"] }), { status })).toHaveProperty(
        "next",
        "stop",
      );
      expect(after("bad_request", {}, { status: 400 })).toHaveProperty("next", "stop");
    },
  );

  test.each(PASSING)("%s: the same backend once, after a backoff, then the next one", (faultClass) => {
    expect(after(faultClass)).toMatchObject({
      next: "same_backend",
      waitMs: BACKOFF_MAX_MS / 2,
      counted: true,
    });
    const twice = { attempts: 2, attemptsOnBackend: 2 };
    expect(after(faultClass, twice)).toHaveProperty("next", "next_candidate");
    expect(after(faultClass, { ...twice, ...LAST })).toHaveProperty("next", "stop");
  });

  test.each(OTHERS)(
    "%s: the next backend at once, never the same one while there is another",
    (faultClass) => {
      expect(after(faultClass)).toHaveProperty("next", "next_candidate");
      expect(after(faultClass, {}, { retryAfterSeconds: 1 })).toHaveProperty("next", "next_candidate");
      expect(after(faultClass, LAST)).toHaveProperty("next", "stop");
    },
  );

  test.each(["rate_limited", "unavailable"] as const)(
    "%s with nowhere else to go waits for a short Retry-After, once",
    (faultClass) => {
      expect(after(faultClass, LAST, { retryAfterSeconds: 2 })).toMatchObject({
        next: "same_backend",
        waitMs: RETRY_AFTER_WAIT_MAX_MS,
      });
      expect(after(faultClass, LAST, { retryAfterSeconds: 3 })).toHaveProperty("next", "stop");
      const waited = { ...LAST, attempts: 2, attemptsOnBackend: 2 };
      expect(after(faultClass, waited, { retryAfterSeconds: 1 })).toHaveProperty("next", "stop");
    },
  );

  test("a Retry-After makes no other class wait", () => {
    for (const faultClass of ["timeout", "auth", "shape"] as const) {
      expect(after(faultClass, LAST, { retryAfterSeconds: 1 })).toHaveProperty("next", "stop");
    }
  });

  test("a policy that forbids the same backend is obeyed, one that allows many gets one", () => {
    const never = policyWith({ retry: { attempts: 3, same_backend: 0 } });
    expect(after("network", never)).toHaveProperty("next", "next_candidate");
    expect(after("rate_limited", { ...never, ...LAST }, { retryAfterSeconds: 1 })).toHaveProperty(
      "next",
      "stop",
    );
    const many = policyWith({ retry: { attempts: 9, same_backend: 5 } });
    expect(after("network", { ...many, attempts: 2, attemptsOnBackend: 2 })).toHaveProperty(
      "next",
      "next_candidate",
    );
  });

  test("a backend whose circuit has opened is not asked again", () => {
    expect(after("network", { maySameBackend: false })).toHaveProperty("next", "next_candidate");
    expect(after("network", { maySameBackend: false, ...LAST })).toHaveProperty("next", "stop");
  });

  test.each(FAILOVER_CLASSES)(
    "a policy that does not fail over on %s keeps the request where it is",
    (each) => {
      const kept = policyWith({ failoverOn: FAILOVER_CLASSES.filter((other) => other !== each) });
      expect(after(each, { ...kept, attempts: 2, attemptsOnBackend: 2 })).toHaveProperty("next", "stop");
      const alone = policyWith({ failoverOn: [each] });
      expect(after(each, { ...alone, attempts: 2, attemptsOnBackend: 2 })).toHaveProperty(
        "next",
        "next_candidate",
      );
    },
  );

  test("with the budget spent the first failover to a backend that is well is made, and nothing else", () => {
    const spent = { hasBudget: false };
    expect(after("network", spent)).toMatchObject({ next: "next_candidate", counted: false });
    expect(after("network", { ...spent, failovers: 1 })).toHaveProperty("next", "stop");
    expect(after("network", { ...spent, next: "probe" })).toHaveProperty("next", "stop");
    expect(after("rate_limited", { ...spent, ...LAST }, { retryAfterSeconds: 1 })).toHaveProperty(
      "next",
      "stop",
    );
  });

  test("what is not the first failover to a backend that is well counts", () => {
    expect(after("timeout")).toHaveProperty("counted", false);
    expect(after("timeout", { failovers: 1 })).toHaveProperty("counted", true);
    expect(after("timeout", { next: "probe" })).toHaveProperty("counted", true);
  });

  test("backoff is full jitter: from nothing up to the longest, in whole milliseconds", () => {
    expect(after("network", { random: 0 })).toHaveProperty("waitMs", 0);
    expect(after("network", { random: 0.999_999 })).toHaveProperty("waitMs", BACKOFF_MAX_MS - 1);
  });

  const states = fc.record({
    attempts: fc.integer({ min: 1, max: 6 }),
    attemptsOnBackend: fc.integer({ min: 1, max: 3 }),
    next: fc.constantFrom("well", "probe", "nothing"),
    hasBudget: fc.boolean(),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  const classes = fc.constantFrom(...FAULT_CLASSES);

  test("a simulated fault and the last allowed attempt always stop", () => {
    fc.assert(
      fc.property(states, classes, fc.nat(5), (state, faultClass, retryAfterSeconds) => {
        const simulated = { simulated: true, retryAfterSeconds };
        expect(after(faultClass, state, simulated)).toHaveProperty("next", "stop");
        const spent = { ...state, ...policyWith({ retry: { attempts: state.attempts, same_backend: 1 } }) };
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
          let [attempts, attemptsOnBackend, failovers] = [1, 1, 0];
          for (const faultClass of faults) {
            const next = failovers < others ? "well" : "nothing";
            const policy = policyWith({ retry: { attempts: allowed, same_backend: 1 } });
            const state = { attempts, attemptsOnBackend, failovers, next, ...policy } as const;
            const verdict = after(faultClass, state, { retryAfterSeconds: 1 });
            if (verdict.next === "stop") return;
            attempts += 1;
            attemptsOnBackend = verdict.next === "same_backend" ? attemptsOnBackend + 1 : 1;
            if (verdict.next === "next_candidate") failovers += 1;
            expect(attempts).toBeLessThanOrEqual(allowed);
            expect(attemptsOnBackend).toBeLessThanOrEqual(2);
            expect(failovers).toBeLessThanOrEqual(others);
          }
          throw new Error("twenty faults and still trying");
        },
      ),
    );
  });
});
