import { newId } from "../../src/base/ids.ts";
import type { Settlement, SettlementStatus } from "../../src/core/accounting.ts";
import type { Store } from "../../src/store/store.ts";
import { insertUsage } from "../../src/store/usage/writer.ts";
import { AT, intent, settlement } from "../store/samples.ts";

const STATUSES: readonly SettlementStatus[] = ["completed", "client_gone", "failed", "interrupted"];

/** The same numbers for the same seed (mulberry32). */
export function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Requests of two partners with two tenants each, over two days and all of what reports tell apart. */
export function randomUsage(count: number, seed: number): Settlement[] {
  const below = numbers(seed);
  const pick = (names: string) => names[below(names.length)] ?? "";
  return Array.from({ length: count }, () => {
    const partner = pick("AB");
    const tenantId = `tenant_${partner}${pick("12")}`;
    const userId = `${tenantId}_user_${pick("xy")}`;
    const admittedAt = AT + below(48) * 3_600_000 + below(3_600_000);
    const payer = { partnerId: `partner_${partner}`, tenantId, userId, keyId: `${userId}_key_${pick("12")}` };
    return settlement(
      intent({ admittedAt, requestId: newId("req", admittedAt), payer, modelSlug: `m/${pick("ab")}` }),
      {
        backendId: `be_${pick("AB")}`,
        status: STATUSES[below(4)] ?? "completed",
        usage: { input: below(1_000), output: below(1_000) },
        charge: {
          cost: BigInt(below(1_000_000_000)) * 1_000_003n,
          partner: BigInt(below(1_000_000_000)) * 1_000_033n,
          // Some so large that two of them are beyond 64 bits.
          tenant: below(20) === 0 ? 8_999_999_999_999_999_999n : BigInt(below(1_000_000)),
        },
        absorbed: below(10) === 0 ? BigInt(below(1_000)) : 0n,
      },
    );
  });
}

/** Puts settlements into the store, as many commits as there are pieces. */
export async function put(store: Store, settlements: readonly Settlement[], pieces = 1): Promise<void> {
  const size = Math.ceil(settlements.length / pieces);
  for (let at = 0; at < settlements.length; at += size)
    await store.commit(settlements.slice(at, at + size).map(insertUsage));
}
