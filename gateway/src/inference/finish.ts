import type { Settlement, SettlementStatus } from "../core/accounting.ts";
import type { Usage } from "../core/usage.ts";
import { ApiError } from "../errors.ts";
import { estimateTokens } from "../pricing/usage-estimate.ts";
import { settlementOf } from "../settlement/settle.ts";
import type { InferenceDeps } from "./deps.ts";
import { record } from "./record.ts";
import type { Held } from "./stages/08-hold.ts";

/** How an admitted request came to its end. */
export interface Ending {
  readonly status: SettlementStatus;
  readonly httpStatus: number;
  readonly reported?: Usage | undefined;
  readonly error?: ApiError | undefined;
  /** For operators: what is behind the error. */
  readonly reason?: string | undefined;
}

/** Stages 11 and 12 of an admitted request. Calling it again gives the first call's settlement. */
export type Finish = (ending: Ending) => Promise<Settlement>;

/** The one way out of everything that passed the hold: settles in the journal, then records. */
export function finisher(held: Held, deps: InferenceDeps): Finish {
  let settled: Promise<Settlement> | undefined;
  return (ending) => (settled ??= finish(held, ending, deps));
}

async function finish(held: Held, ending: Ending, deps: InferenceDeps): Promise<Settlement> {
  const { call, intent } = held;
  const { progress } = call;
  const settlement = settlementOf(
    intent,
    {
      status: ending.status,
      backendId: progress.backendId === "" ? intent.backendId : progress.backendId,
      reported: ending.reported,
      outputTokens: estimateTokens(progress.outputBytes),
      delivered: progress.delivered || ending.status === "completed",
      sentUpstream: call.attempts.length > 0,
      latencyMs: call.elapsedMs(),
      ttftMs: progress.ttftMs,
      errorCode: ending.error?.code,
    },
    deps.clock.now(),
    (versionId) => deps.snapshot.priceVersion(versionId),
  );
  try {
    await deps.journal.settle(settlement);
    call.mark("settled");
  } catch (error) {
    deps.log.log("error", "journal_failed", { request_id: call.requestId, reason: String(error) });
    // The intent stays in the journal: recovery settles it. What must not happen is a last byte without it.
    call.mark("settle_failed");
    record(call, { ...ending, status: "failed", settlement: undefined }, deps);
    throw new ApiError("DEPENDENCY_UNAVAILABLE", "The answer could not be accounted for.", {
      retryAfterSeconds: 1,
    });
  } finally {
    deps.inFlight.remove(call);
  }
  record(call, { ...ending, settlement }, deps);
  return settlement;
}
