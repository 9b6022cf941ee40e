import { expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { scaigrid } from "../../src/dialects/scaigrid/scaigrid.ts";
import { nativeDoor } from "../../src/http/doors/native.ts";
import { Admission } from "../../src/inference/admission.ts";
import { Call } from "../../src/inference/call.ts";
import type { InferenceDeps } from "../../src/inference/deps.ts";
import type { Inbound } from "../../src/inference/inbound.ts";
import { InFlight } from "../../src/inference/in-flight.ts";
import { serveChat } from "../../src/inference/pipeline.ts";
import { readerIdleSeconds } from "../../src/inference/inbound.ts";
import { Drains } from "../../src/inference/drains.ts";
import { Allowance } from "../../src/limits/allowance.ts";
import { Concurrency } from "../../src/limits/concurrency.ts";
import { DEFAULT_LIMITS } from "../../src/limits/defaults.ts";
import { RateLimiter } from "../../src/limits/limiter.ts";
import { Health } from "../../src/routing/health.ts";
import { BudgetBook } from "../../src/settlement/budgets/budget-book.ts";
import { Estimates } from "../../src/settlement/estimates.ts";
import { LocalAuthority } from "../../src/settlement/budgets/local-authority.ts";
import { Unsettled } from "../../src/settlement/unsettled.ts";
import { Activity } from "../../src/snapshot/activity.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";

const nothing = (): void => undefined;
const never = (): Promise<never> => Promise.reject(new Error("nothing may get this far"));

const NO_LIMITS = { key: 0, user: 0, tenant: 0, partner: 0 };

function deps(): InferenceDeps {
  const metrics = {
    requestAnswered: nothing,
    firstContentSent: nothing,
    tokensSettled: nothing,
    overheadMeasured: nothing,
    loadShed: nothing,
    rateLimited: nothing,
    queueLeft: nothing,
    credentialsRefused: nothing,
  };
  const bounds = { inFlightMax: 1, queueMax: 1, queueMs: 1 };
  return {
    clock: systemClock,
    config: {
      holdHeadersSeconds: 10,
      keepAliveSeconds: 15,
      bodySeconds: 120,
      rateLimits: { ...DEFAULT_LIMITS, address: 0 },
      tokenLimits: NO_LIMITS,
      concurrencyLimits: NO_LIMITS,
      unpriced: "refuse",
    },
    snapshot: new Snapshot(),
    activity: new Activity(),
    limiter: new RateLimiter(),
    tokenLimiter: new RateLimiter(),
    admission: new Admission({ bounds, clock: systemClock, concurrency: new Concurrency(), metrics }),
    overload: { strain: undefined },
    bodies: new Allowance(0),
    drains: new Drains(1),
    excesses: { note: () => undefined },
    disk: { isFull: false },
    estimates: new Estimates(),
    strangers: { identified: (_sender, identify) => identify() },
    journal: { intend: never, settle: never },
    budgets: new BudgetBook(new Snapshot(), new LocalAuthority(systemClock, () => "UTC")),
    unsettled: new Unsettled(() => undefined),
    idempotency: { claim: never },
    upstream: { send: never },
    media: { send: never },
    routes: { for: () => [] },
    health: new Health(),
    inFlight: new InFlight(),
    traces: { record: nothing },
    metrics,
    log: { log: nothing, writes: () => false },
    random: () => 0,
    lifecycle: { draining: false },
  };
}

// An idle time of 0 is for ever: whoever opens connections without a key could take all there are.
test("a stranger's connection is never without an idle limit, and keeps one after the refusal", async () => {
  const limits: number[] = [];
  const inbound: Inbound = {
    path: "/v1/inference/chat",
    headers: new Headers({ authorization: "Bearer nobody" }),
    address: "192.0.2.1",
    signal: new AbortController().signal,
    keyInQuery: false,
    text: never,
    setIdleTimeout: (seconds) => limits.push(seconds),
  };
  const door = nativeDoor(scaigrid, () => "http://localhost/docs/errors");
  const response = await serveChat(new Call("req_1", inbound, door, systemClock), door, deps());
  expect(response.status).toBe(401);
  expect(limits).not.toContain(0);
  expect(limits.at(-1)).toBeGreaterThan(0);
});

test.each([
  ["with ordinary keep-alives", 15, 30_000, 60],
  ["with rare ones", 120, 30_000, 240],
  ["without any", 0, 30_000, 60],
  ["without any, over a model that may think for 10 minutes", 0, 600_000, 1_200],
])("a stream %s is not cut for a silence that its backend is allowed", (_name, keepAlive, idle, seconds) => {
  const timeouts = { connect: 5_000, first_byte: 20_000, idle, total: 3_600_000 };
  expect(readerIdleSeconds(keepAlive, [timeouts])).toBe(seconds);
});
