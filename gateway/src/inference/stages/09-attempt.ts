import type { TraceAttempt } from "../../core/trace.ts";
import { FaultError } from "../../core/fault.ts";
import { verdictAfter } from "../../routing/verdict.ts";
import { pause } from "../../upstream/waits.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import { type Opened, open } from "../open.ts";
import type { Held } from "./08-hold.ts";

/** Stage 9 proves: an upstream has begun to answer, and nothing has gone down to the caller yet. */
export class Attempted {
  declare private readonly proof: never;
  readonly call: Call;
  readonly opened: Opened;

  private constructor(held: Held, opened: Opened) {
    this.call = held.call;
    this.opened = opened;
  }

  /** Throws FaultError (the last one) when no candidate answered; whatever the abort was when the call ended. */
  static async of(held: Held, deps: InferenceDeps): Promise<Attempted> {
    const { call, candidates, policy } = held;
    let position = 0;
    let onThisBackend = 0;
    for (;;) {
      if (call.endError) throw call.endError;
      const candidate = candidates[position];
      if (!candidate) throw new Error("a verdict named a candidate that does not exist");
      onThisBackend++;
      call.progress.backendId = candidate.backend.id;
      const tried = await attempt(held, position, deps);
      if ("opened" in tried) return new Attempted(held, tried.opened);
      if (call.abortReason !== undefined || !(tried.error instanceof FaultError)) throw tried.error;
      const verdict = verdictAfter({
        fault: tried.error.fault,
        attempts: call.attempts.length,
        attemptsOnBackend: onThisBackend,
        candidatesLeft: candidates.length - position - 1,
        delivered: call.progress.delivered,
        retry: policy.retry,
        random: deps.random(),
      });
      call.mark(verdict.next, verdict.reason);
      if (verdict.next === "stop") throw tried.error;
      if (verdict.next === "next_candidate") {
        position++;
        onThisBackend = 0;
      } else if (verdict.waitMs > 0) await pause(verdict.waitMs, call.endSwitch().signal);
    }
  }
}

/** What an upstream's answer or fault says of itself. */
type Told = Pick<TraceAttempt, "status" | "upstreamId" | "reason">;
type Tried = { readonly opened: Opened } | { readonly error: unknown };

async function attempt(held: Held, position: number, deps: InferenceDeps): Promise<Tried> {
  const { call } = held;
  const startedMs = call.elapsedMs();
  const candidate = held.candidates[position];
  if (!candidate) throw new Error("no such candidate");
  const note = (outcome: TraceAttempt["outcome"], told: Told = {}): void => {
    const durationMs = call.elapsedMs() - startedMs;
    call.upstreamMs += durationMs;
    const { status, upstreamId, reason } = told;
    const backendId = candidate.backend.id;
    call.attempts[index] = { backendId, startedMs, durationMs, outcome, status, upstreamId, reason };
  };
  // Noted before the upstream is called: a caller who leaves meanwhile owes for a request that was sent.
  const index = call.attempts.length;
  note("client_gone");
  try {
    const opened = await open(call, candidate, held.builtFor(candidate), held.simulate, deps);
    note("ok", opened.reply);
    return { opened };
  } catch (error) {
    if (error instanceof FaultError && call.abortReason === undefined) {
      note(error.fault.class, error.fault);
    }
    return { error };
  }
}
