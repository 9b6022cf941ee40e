import { expect, test } from "bun:test";
import { statementMonthOf } from "../../src/admin/accounting/statement-lines.ts";
import { newId } from "../../src/base/ids.ts";
import { MONTH_CLOSES_MS } from "../../src/core/ledger.ts";
import { statementMonth } from "../../src/settlement/ledger/booking.ts";
import { Months } from "../../src/settlement/ledger/months.ts";
import { addAdjustment, statementAdjustments } from "../../src/store/ledger/adjustments.ts";
import type { Store } from "../../src/store/store.ts";
import { describeEngines } from "../store/engines.ts";

/** From the first calendar that ends a month to the last: 26 hours. */
const ZONES = ["Pacific/Kiritimati", "Asia/Tokyo", "UTC", "America/Los_Angeles", "Etc/GMT+12"] as const;
const MONTHS = ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"] as const;
const HOUR_MS = 3_600_000;

describeEngines("adjustments on statements", (engine) => {
  /** Corrects the bill of a tenant in that zone at that instant, as the endpoint does. */
  async function adjust(store: Store, zone: string, nowMs: number, aboutMs: number): Promise<string> {
    const context = { months: new Months(), bookedAt: nowMs, isHistory: false };
    const moved = { partnerId: "partner_A", tenantId: "tenant_A", ...statementMonth(zone, aboutMs, context) };
    const about = { id: newId("adj", nowMs), reason: "x", createdBy: "user_1", createdAt: nowMs };
    const movement = { ...moved, id: newId("led", nowMs), kind: "tenant_adjustment" as const, amount: 1n };
    await store.commit(addAdjustment({ ...about, ...moved, amount: 1n }, movement));
    return about.id;
  }

  /** The ids on the statement of each month, by each calendar. */
  async function statements(store: Store): Promise<ReadonlyMap<string, readonly string[]>> {
    const all = new Map<string, readonly string[]>();
    for (const zone of ZONES) {
      for (const month of MONTHS) {
        const asked = statementMonthOf(month, zone, 0);
        const found = await statementAdjustments(store.read, { level: "platform" }, { limit: 1_000 }, asked);
        all.set(`${zone} ${month}`, found.map(({ id }) => id).toSorted());
      }
    }
    return all;
  }

  test("each is on one statement by whichever calendar that is read, and none that is closed ever changes", async () => {
    const store = await engine.open();
    const made: string[] = [];
    let before = await statements(store);
    const end = Date.UTC(2026, 11, 1);
    for (let hour = -20; hour <= 60; hour += 8) {
      const now = end + hour * HOUR_MS;
      // About now, about the month that ends, and about one that has been closed for long.
      for (const about of [now, end - 20 * 24 * HOUR_MS, end - 50 * 24 * HOUR_MS]) {
        for (const zone of ["Pacific/Kiritimati", "America/Los_Angeles"] as const)
          made.push(await adjust(store, zone, now, about));
      }
      const after = await statements(store);
      for (const zone of ZONES) {
        expect(MONTHS.flatMap((month) => after.get(`${zone} ${month}`) ?? []).toSorted()).toEqual(
          made.toSorted(),
        );
        for (const month of MONTHS) {
          if (now < statementMonthOf(month, zone, 0).endMs + MONTH_CLOSES_MS) continue;
          expect(after.get(`${zone} ${month}`)).toEqual(before.get(`${zone} ${month}`));
        }
      }
      before = after;
    }
    await store.close();
  });
});
