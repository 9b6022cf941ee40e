import { expect, test } from "bun:test";
import type { Settlement } from "../../src/core/accounting.ts";
import { bookedJournal } from "../../src/settlement/budgets/booked-journal.ts";
import { LocalAuthority } from "../../src/settlement/budgets/local-authority.ts";
import { Unsettled } from "../../src/settlement/unsettled.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { budgetOf } from "../escrow/sample-budget.ts";
import { rejection } from "../store/engines.ts";
import { intent, settlement } from "../store/samples.ts";

const NOW = Date.parse("2026-12-01T12:00:00Z");
const BUDGET = budgetOf();
const MOST = { bound: { cost: 0n, partner: 0n, tenant: 40n }, tokens: 0 };

/** A request that has settled, and whose settlement the journal is still to take. */
function settledUnder(authority: LocalAuthority, requestId: string): Settlement {
  const { parts: budgets } = authority.hold(requestId, [BUDGET], MOST, NOW);
  const spent = budgets?.map((part) => ({ ...part, pico: 1n }));
  return settlement(intent({ requestId, ...(budgets && { budgets }) }), { ...(spent && { budgets: spent }) });
}

test("a settlement gives back what it held once, though the journal refuses another that is offered with it", async () => {
  const authority = new LocalAuthority({ now: () => NOW }, () => "UTC");
  const [refused, slow] = [settledUnder(authority, "req_refused"), settledUnder(authority, "req_slow")];
  const unsettled = new Unsettled(() => undefined);
  for (const each of [refused, slow]) unsettled.add(each);
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  let offersOfSlow = 0;
  const journal = bookedJournal(
    {
      intend: () => Promise.resolve(),
      settle(offered) {
        if (offered === refused) return Promise.reject(new StoreUnavailable("the file is locked"));
        offersOfSlow++;
        return taken;
      },
    },
    (kept) => authority.settled(kept),
  );
  // One time after the other, as jobs are run.
  const offered = rejection(unsettled.retry(journal)).then(() => rejection(unsettled.retry(journal)));
  await Bun.sleep(1);
  take();
  expect(await offered).toBeInstanceOf(StoreUnavailable);
  expect(offersOfSlow).toBe(1);
  expect(unsettled.size).toBe(1);
  // What the other one holds is still its own.
  expect(authority.standings([BUDGET])).toMatchObject([{ spent: { pico: 1n }, held: { pico: 40n } }]);
});
