import type { Clock } from "../base/clock.ts";
import type { Journal, OpenIntent } from "../journal/journal.ts";
import type { Settlement } from "../core/accounting.ts";
import type { Tiered } from "../pricing/tiers.ts";
import { StoreUnavailable } from "../store/errors.ts";
import { type Outcome, type PriceLookup, settlementOf } from "./settle.ts";

/** What a process that died owes for one request: the stream up to its last checkpoint, nothing otherwise. */
function interrupted({ intent, progress }: OpenIntent, now: number): Outcome {
  return {
    // Its caller had left before the process died: they owe what they owed then.
    status: progress?.isDrained === true ? "client_gone" : "interrupted",
    backendId: progress?.backendId ?? intent.backendId,
    reported: undefined,
    outputTokens: progress?.outputTokens ?? 0,
    outputPerKb: progress?.outputPerKb,
    delivered: progress?.delivered ?? false,
    upstreamAtWork: true,
    latencyMs: Math.max(0, now - intent.admittedAt),
    ttftMs: undefined,
    errorCode: undefined,
    served: progress?.served,
  };
}

/** What recovery works with. */
export interface RecoveryDeps {
  readonly clock: Pick<Clock, "now">;
  readonly priceOf: PriceLookup;
  /** Hears of a request whose intent names prices that are not in the store. */
  readonly onUnpriced: (unpriced: Unpriced) => void;
  /** Hears of a request whose settlement the journal will not take for what is in it: its intent stays open. */
  readonly onSetAside: (setAside: SetAside) => void;
}

/** A request that cannot be settled: what was promised for it stays in the journal for an operator to look at. */
export interface SetAside {
  readonly requestId: string;
  readonly reason: string;
}

/** A request that was settled without some of its prices: nobody is charged what they would have come to. */
export interface Unpriced {
  readonly settlement: Settlement;
  /** The names that stand for nothing any more. */
  readonly prices: readonly string[];
}

const NOTHING: Tiered = { rates: {} };

/**
 * Settles every intent a former process left open. Runs before the first request is admitted; running it again
 * after a crash in its midst settles only what is still open. Returns how many it settled; what the journal refuses
 * for its own data is set aside, since it must not keep all others, and every later start, waiting for good. Rejects
 * with StoreUnavailable.
 */
export async function recover(journal: Journal, deps: RecoveryDeps): Promise<number> {
  const open = await journal.openIntents();
  const settled = await Promise.all(open.map((left) => settleOrSetAside(journal, left, deps)));
  return settled.filter(Boolean).length;
}

/** Whether it is settled. */
async function settleOrSetAside(journal: Journal, left: OpenIntent, deps: RecoveryDeps): Promise<boolean> {
  try {
    await settleLeft(journal, left, deps);
    return true;
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    deps.onSetAside({ requestId: left.intent.requestId, reason: String(error) });
    return false;
  }
}

/** One request without a price must not keep all others, and the start, waiting for good. */
async function settleLeft(
  journal: Journal,
  left: OpenIntent,
  { clock, priceOf, onUnpriced }: RecoveryDeps,
): Promise<void> {
  const now = clock.now();
  const missing = new Set<string>();
  const settlement = settlementOf(left.intent, interrupted(left, now), now, (name) => {
    const price = priceOf(name);
    if (price === undefined) missing.add(name);
    return price ?? NOTHING;
  });
  await journal.settle(settlement);
  if (missing.size > 0) onUnpriced({ settlement, prices: [...missing] });
}
