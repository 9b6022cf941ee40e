import { both, error } from "./fault.ts";
import type { Fault, FaultGroup, Gets } from "./fault.ts";

const BROKEN = error("BACKEND_ERROR");
const LATE = error("BACKEND_TIMEOUT");
const REFUSED = error("VALIDATION_ERROR");

function limited(least: number, most = least): Gets {
  return error("BACKEND_RATE_LIMITED", [least, most]);
}

/** Code, what it says, what comes of it, how often the provider is asked. */
const STATUSES: readonly (readonly [number, string, Gets, number])[] = [
  [400, "answers 400", REFUSED, 1],
  [401, "answers 401: it does not know the gateway's credentials", BROKEN, 1],
  [402, "answers 402: the gateway's account is empty", BROKEN, 1],
  [403, "answers 403", BROKEN, 1],
  [404, "answers 404: it does not know the model or the address", BROKEN, 1],
  [405, "answers 405", BROKEN, 1],
  [408, "answers 408", LATE, 1],
  [409, "answers 409", REFUSED, 1],
  [413, "answers 413", REFUSED, 1],
  [422, "answers 422", REFUSED, 1],
  [500, "answers 500", BROKEN, 2],
  [502, "answers 502", BROKEN, 2],
  [503, "answers 503", BROKEN, 1],
  [504, "answers 504", LATE, 1],
  [529, "answers 529: overloaded", BROKEN, 1],
];

/** Parameters, what they are, the seconds the caller is told, how often the provider is asked. */
const WAITS: readonly (readonly [string, string, Gets, number])[] = [
  ["retry_after=7", "in seconds", limited(7), 1],
  ["retry_after=in:20", "as a date", limited(18, 20), 1],
  ["retry_after_ms=6500", "in milliseconds", limited(7), 1],
  ["retry_after=2.5", "in fractions of a second", limited(3), 1],
  ["retry_after=1", "of a second, which the gateway waits for", limited(1), 2],
  ["retry_after=-5", "that is negative", limited(1), 2],
  ["retry_after=86400", "of a day", limited(60), 1],
  ["retry_after=in:-3600", "that is past", limited(1), 2],
  ["retry_after=soon", "that is garbage", limited(1), 1],
  ["", "missing", limited(1), 1],
];

function statusFault([code, does, gets, attempts]: (typeof STATUSES)[number], i: number): Fault {
  return { number: `U${76 + i}`, does, cases: both(`fake-status?code=${code}`, gets, { attempts }) };
}

function waitFault([parameters, form, gets, attempts]: (typeof WAITS)[number], i: number): Fault {
  const plan = `fake-status?code=429${parameters === "" ? "" : `&${parameters}`}`;
  return {
    number: `U${93 + i}`,
    does: `answers 429 with a Retry-After ${form}`,
    cases: both(plan, gets, { attempts }),
  };
}

export const STATUS: FaultGroup = {
  title: "What the status says",
  test: "faults/statuses.test.ts",
  faults: [
    ...STATUSES.map(statusFault),
    {
      number: "U91",
      does: "says that the prompt is too long",
      cases: both(
        "fake-status?code=400&error_code=context_length_exceeded",
        error("CONTEXT_LENGTH_EXCEEDED"),
      ),
    },
    {
      number: "U92",
      does: "refuses the prompt for its content",
      cases: both("fake-status?code=400&error_code=content_filter", error("CONTENT_FILTERED")),
    },
    ...WAITS.map(waitFault),
    {
      number: "U103",
      does: "fails, and answers when asked again",
      cases: both("fake-status?code=500&times=1", { kind: "answer" }, { attempts: 2 }),
    },
    {
      number: "U104",
      does: "flaps: every second request fails",
      cases: both(
        "fake-status?code=503&retry_after=1&times=1&every=2",
        { kind: "answer" },
        { calls: 3, attempts: 6 },
      ),
    },
  ],
};
