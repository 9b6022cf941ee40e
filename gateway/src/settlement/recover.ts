import type { Clock } from "../base/clock.ts";
import type { Journal, OpenIntent } from "../journal/journal.ts";
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

/**
 * Settles every intent a former process left open. Runs before the first request is admitted; running it again
 * after a crash in its midst settles only what is still open. Returns how many it settled.
 */
export async function recover(journal: Journal, priceOf: PriceLookup, clock: Clock): Promise<number> {
  const open = await journal.openIntents();
  await Promise.all(
    open.map((left) => {
      const now = clock.now();
      return journal.settle(settlementOf(left.intent, interrupted(left, now), now, priceOf));
    }),
  );
  return open.length;
}
