import { formatAmount } from "../base/money.ts";
import type { Settlement, SettlementStatus } from "../core/accounting.ts";
import { inputTokens, outputTokens, type Usage } from "../core/usage.ts";
import { ApiError } from "../errors.ts";
import { settlementOf } from "../settlement/settle.ts";
import type { Call } from "./call.ts";
import type { InferenceDeps } from "./deps.ts";
import { record } from "./record.ts";
import type { Held } from "./stages/08-hold.ts";

/** How an admitted request came to its end. */
export interface Ending {
  readonly status: SettlementStatus;
  readonly httpStatus: number;
  /** The caller had a status already, 200, when the answer broke off. */
  readonly isUnderWay?: true;
  /** What the upstream said of the whole answer. */
  readonly reported?: Usage | undefined;
  /** Whether it was the provider that broke the answer off. */
  readonly providerFault?: boolean | undefined;
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
  const { call } = held;
  held.open.isSettling = true;
  const settlement = settlementFor(held, ending, deps);
  let isKept = false;
  try {
    await deps.journal.settle(settlement);
    isKept = true;
    if (settlement.absorbed > 0n) tellExcess(call, settlement, deps);
    call.mark("settled");
    if (settlement.absorbed === 0n) learn(held, ending, deps);
  } catch (error) {
    const reason = String(error);
    deps.log.log("error", "journal_failed", { request_id: call.requestId, reason });
    call.mark("settle_failed");
    const failure = unaccounted();
    // What must not happen is a last byte without a settlement: an answer that was complete is a failed one now.
    const owed = ending.status === "completed" ? settlementFor(held, failed(failure), deps) : settlement;
    // Also where it was refused for its own data: the journal may take what is owed, and what was held comes back then.
    if (!isKept) deps.unsettled.add(owed);
    // The caller, where there is one, is told this failure, however the answer had ended.
    const told = ending.status === "client_gone" ? ending : { ...ending, ...failed(failure), reason };
    record(call, { ...told, status: "failed", settlement: undefined }, deps);
    throw failure;
  } finally {
    if (call.stream) await call.claim?.streamEnded(settlement.delivered);
    deps.inFlight.remove(call);
    const tokens = inputTokens(settlement.usage) + outputTokens(settlement.usage);
    call.countTokens?.(tokens);
    call.countAccountTokens?.(tokens);
  }
  record(call, { ...ending, settlement }, deps);
  return settlement;
}

/** What the upstream's report of a whole answer tells of its tokenizer. */
function learn({ call, intent }: Held, { status, reported }: Ending, { estimates }: InferenceDeps): void {
  const { backendId, outputBytes } = call.progress;
  if (status !== "completed" || reported === undefined) return;
  // Another backend's prompt was written otherwise.
  const { bytes = 0, messages = 0 } = (backendId === intent.backendId && call.prompt) || {};
  estimates.learn({ backendId, promptBytes: bytes, messages, outputBytes, reported });
}

/** An upstream that reports more than the request could use: the caller pays the bound, an operator wants to know. */
function tellExcess(call: Call, settlement: Settlement, { log, excesses }: InferenceDeps): void {
  excesses.note(settlement);
  const excess = formatAmount(settlement.absorbed);
  const reason = `the provider's report comes to ${excess} more than this request could cost; not charged`;
  call.mark("bound_exceeded", reason);
  log.log("warn", "bound_exceeded", {
    request_id: call.requestId,
    backend_id: settlement.backendId,
    tokens_in: inputTokens(settlement.usage),
    tokens_out: outputTokens(settlement.usage),
    reason,
  });
}

function unaccounted(): ApiError {
  return new ApiError("DEPENDENCY_UNAVAILABLE", "The answer could not be accounted for.", {
    retryAfterSeconds: 1,
  });
}

function failed(error: ApiError): Ending {
  return { status: "failed", httpStatus: error.status, error };
}

/** Whether the last attempt is under way or was answered; one that failed leaves nobody at work on the answer. */
function isUpstreamAtWork({ attempts }: Call): boolean {
  const outcome = attempts.at(-1)?.outcome;
  return outcome === "ok" || outcome === "client_gone";
}

function settlementFor({ call, intent }: Held, ending: Ending, deps: InferenceDeps): Settlement {
  const { progress } = call;
  return settlementOf(
    intent,
    {
      status: ending.status,
      backendId: progress.backendId === "" ? intent.backendId : progress.backendId,
      reported: ending.reported,
      outputTokens: call.outputTokens,
      outputPerKb: progress.outputPerKb,
      // A whole answer goes down after its settlement or not at all.
      delivered: ending.status === "completed" || (call.stream && progress.delivered),
      upstreamAtWork: isUpstreamAtWork(call),
      latencyMs: call.elapsedMs(),
      ttftMs: progress.ttftMs,
      errorCode: ending.error?.code,
      providerFault: ending.providerFault,
      reportRefused: call.reportRefused,
      served: progress.served,
      costOfOthers: call.costOfOthers,
    },
    deps.clock.now(),
    (name) => deps.snapshot.prices.named(name),
  );
}
