import { MESSAGES, SANDBOX } from "../../api/started.ts";

/** One kind of call of the mix. */
export interface Kind {
  readonly name: string;
  /** What the provider does; undefined = the built-in sandbox, or a request that reaches nobody. */
  readonly plan?: string;
  readonly stream?: boolean;
  /** The caller leaves once the first bytes have come, or so many milliseconds after it has asked. */
  readonly leaves?: "mid-stream" | number;
  /** Taken instead of a well-formed request. */
  readonly raw?: string;
  /** A key that nobody has. */
  readonly stranger?: boolean;
  /** Of each turn of the mix, so many. */
  readonly weight: number;
  /** Statuses that are right; the caller who leaves sees none, or 200. */
  readonly statuses: readonly number[];
  /** Whether it is settled: whatever passes the hold is. */
  readonly settled: boolean;
}

function fault(name: string, plan: string, statuses: readonly number[], stream = false, weight = 1): Kind {
  return { name, plan: `fake-${plan}`, statuses, stream, weight, settled: true };
}

/**
 * A fault that speaks against the provider, met by a third of the calls: were it met by more, the provider's circuit
 * would open, and nothing would be sent there any more.
 */
function failing(name: string, plan: string, status: number, stream = false, weight = 1): Kind {
  const third = `${plan}${plan.includes("?") ? "&" : "?"}times=1&every=3`;
  return fault(name, third, [200, status], stream, weight * 3);
}

/** Most of them go well; the rest is everything that can go wrong without a long wait. */
export const MIX: readonly Kind[] = [
  fault("whole", "ok?tokens=20", [200], false, 20),
  fault("stream", "ok?tokens=20&usage=right", [200], true, 20),
  fault("tools", "ok?tools=2&pieces=10", [200], true, 2),
  fault("byte per packet", "ok?tokens=3&packet=16&utf8=1", [200], true),
  fault("400", "status?code=400", [422]),
  failing("401", "status?code=401", 502, true),
  fault("429", "status?code=429&retry_after=30", [429], false, 2),
  failing("503", "status?code=503", 502, true),
  // Whose second try meets another's first one fails.
  failing("fails once", "status?code=500", 502),
  failing("reset before headers", "reset-before-headers", 502, true),
  failing("reset in the body", "reset", 502),
  failing("cut", "no-finish", 200, true),
  failing("closed", "close-framed-cut?after=3", 200, true),
  failing("error event", "error-event", 200, true),
  fault("malformed event", "malformed-event", [200], true),
  failing("web page", "html", 502),
  failing("half JSON", "not-json", 502),
  failing("redirect", "redirect", 502, true),
  failing("bad framing", "bad-chunk", 502),
  fault("lies", "ok?usage=negative", [200]),
  fault("no usage", "ok?usage=missing", [200], true),
  fault("large", "ok?tokens=20000", [200]),
  { ...fault("leaves mid-stream", "ok?tokens=200&ms=1", [200], true, 3), leaves: "mid-stream" },
  { ...fault("leaves early", "ok?first_ms=50", [200], false, 3), leaves: 10 },
  { name: "sandbox", weight: 5, statuses: [200], settled: true },
  { name: "sandbox stream", stream: true, weight: 5, statuses: [200], settled: true },
  { name: "no JSON", raw: '{"model": ', weight: 3, statuses: [422], settled: false },
  { name: "deep", raw: "[".repeat(5_000), weight: 1, statuses: [422], settled: false },
  {
    name: "no such model",
    raw: JSON.stringify({ model: "no/such", messages: MESSAGES }),
    weight: 2,
    statuses: [404],
    settled: false,
  },
  {
    name: "a stranger",
    stranger: true,
    raw: JSON.stringify({ model: SANDBOX, messages: MESSAGES }),
    weight: 3,
    statuses: [401],
    settled: false,
  },
];
