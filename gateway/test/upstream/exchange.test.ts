import { expect, test } from "bun:test";
import type { Fault } from "../../src/core/fault.ts";
import { FaultError } from "../../src/core/fault.ts";
import { endingOf } from "../../src/inference/ending.ts";
import { ConcurrencyGate } from "../../src/upstream/concurrency.ts";
import { Exchange } from "../../src/upstream/exchange.ts";
import { callOf, TestClock } from "./support.ts";

const TOTAL_MS = 5;

/** How a stream ends whose time is over once its caller has, or has not, read all that came. */
async function overdue(isWaited: boolean): Promise<Fault> {
  const clock = new TestClock();
  const call = callOf({ stream: true, timeouts: { total: TOTAL_MS } });
  const exchange = new Exchange(call, new ConcurrencyGate(), clock);
  exchange.headersSeen();
  exchange.contentSeen();
  exchange.waiting();
  if (!isWaited) exchange.arrived();
  const { promise, resolve } = Promise.withResolvers<void>();
  exchange.signal.addEventListener("abort", () => resolve());
  clock.advance(TOTAL_MS);
  await promise;
  const { cause } = exchange;
  if (!(cause instanceof FaultError)) throw new Error("no fault");
  return cause.fault;
}

test("an answer that nobody has read in time is no fault of the provider's, one that did not come is", async () => {
  for (const isWaited of [false, true]) {
    const fault = await overdue(isWaited);
    expect(fault.class).toBe("timeout");
    const ending = endingOf(new FaultError(fault), { abortReason: undefined });
    expect(ending).toMatchObject({ status: "failed", providerFault: isWaited });
  }
});
