import { expect, test } from "bun:test";
import fc from "fast-check";
import { slotsOf } from "../../src/admin/accounting/traffic-slots.ts";
import { Latencies } from "../../src/telemetry/latencies.ts";
import { Traffic } from "../../src/telemetry/traffic.ts";
import { AT, trace } from "../store/samples.ts";

const MINUTE = 60_000;
const FIRST = Math.floor(AT / MINUTE) * MINUTE;

test("a percentile is never below the true one, and at most 9 % above it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1.001, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 50 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (all, share) => {
        const latencies = new Latencies();
        for (const ms of all) latencies.note(ms);
        const exact = all.toSorted((a, b) => a - b)[Math.ceil(all.length * share) - 1] ?? 0;
        const told = latencies.percentile(share) ?? 0;
        expect(told).toBeGreaterThanOrEqual(exact * 0.999999);
        expect(told).toBeLessThanOrEqual(exact * 1.0906);
      },
    ),
  );
});

test("a request counts in the minute it ended in, for its tenant, its partner and the platform", () => {
  const traffic = new Traffic();
  const steps = [{ step: "first_content", atMs: 100 }];
  const payer = trace().payer;
  const other = { ...payer, tenantId: "tenant_other" };
  traffic.note(trace({ startedAt: FIRST - 500, durationMs: 1000, steps }));
  traffic.note(trace({ startedAt: FIRST, durationMs: 10, outcome: "failed" }));
  traffic.note(trace({ startedAt: FIRST, durationMs: 10, outcome: "refused", payer: other }));
  const taken = traffic.take();
  expect(taken.map(({ owner, minute }) => [owner.level, owner.id, minute])).toEqual([
    ["platform", "", FIRST],
    ["partner", payer.partnerId, FIRST],
    ["tenant", payer.tenantId, FIRST],
    ["tenant", "tenant_other", FIRST],
  ]);
  expect(taken[0]?.outcomes).toEqual({ completed: 1, client_gone: 0, failed: 1, refused: 1 });
  expect(taken[2]?.outcomes).toEqual({ completed: 1, client_gone: 0, failed: 1, refused: 0 });
  const { totals } = slotsOf(
    taken.filter(({ owner }) => owner.level === "tenant"),
    { startMs: FIRST, slotMs: MINUTE },
  );
  expect(totals).toMatchObject({ requests: 3, seconds: 3600 });
  expect(totals.latencies.percentile(1)).toBeCloseTo(1024, 0);
  expect(totals.firstContents.percentile(0.5)).toBeCloseTo(107.6, 0);
});

test("a minute is taken again, whole, when more has ended in it or it could not be kept", () => {
  const traffic = new Traffic();
  traffic.note(trace({ startedAt: FIRST }));
  const first = traffic.take();
  expect(traffic.take()).toEqual([]);
  traffic.giveBack(first);
  expect(traffic.take()).toEqual(first);
  traffic.note(trace({ startedAt: FIRST }));
  expect(traffic.take()[0]?.outcomes.completed).toBe(2);
});

test("what ends so late that its minute is forgotten counts in the oldest that is known", () => {
  const traffic = new Traffic();
  traffic.note(trace({ startedAt: FIRST }));
  traffic.note(trace({ startedAt: FIRST + 5 * MINUTE }));
  traffic.take();
  traffic.note(trace({ startedAt: FIRST }));
  const [late] = traffic.take();
  expect(late).toMatchObject({ minute: FIRST + 3 * MINUTE, outcomes: { completed: 1 } });
});

test("tenants without number count for the platform, and take no memory each", () => {
  const traffic = new Traffic();
  for (let n = 0; n < 2_500; n++) {
    traffic.note(trace({ startedAt: FIRST, payer: { ...trace().payer, tenantId: `tenant_${n}` } }));
  }
  const taken = traffic.take();
  expect(taken[0]).toMatchObject({ owner: { level: "platform" }, outcomes: { completed: 2_500 } });
  expect(taken.length).toBe(2_002);
});
