import type { Credentials } from "../core/catalogue.ts";
import { type Fault, FaultError } from "../core/fault.ts";
import type { TraceAttempt } from "../core/trace.ts";
import type { RetryBudget } from "../routing/retry-budget.ts";
import { type NextInLine, type Verdict, failover, verdictAfter } from "../routing/verdict.ts";
import { estimateTokens } from "../pricing/usage-estimate.ts";
import { pause } from "../upstream/waits.ts";
import { buffered } from "./buffered.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { InferenceDeps } from "./deps.ts";
import { type Opened, type Opening, open } from "./open.ts";
import { prefillOf } from "./prefill.ts";
import { inexpressible } from "./stages/07-prepare.ts";
import type { Held } from "./stages/08-hold.ts";
import { Continuation } from "./said.ts";
import { Trial } from "./trial.ts";

/** A whole answer may take a quarter longer to begin than a stream. */
const WHOLE_FIRST_CONTENT = 1.25;

/** What an upstream's answer or fault says of itself. */
type Told = Pick<TraceAttempt, "status" | "upstreamId" | "reason">;
const NOTHING_TOLD: Told = Object.freeze({});
type Tried = { readonly opened: Opened } | { readonly error: unknown };

/** All calls to upstreams that one request makes, one after the other. */
export class Attempts {
  readonly #held: Held;
  readonly #deps: InferenceDeps;
  readonly #budget: RetryBudget;
  /** The call that is under way, or whose answer is. */
  #trial: Trial | undefined;
  #failovers = 0;

  constructor(held: Held, deps: InferenceDeps) {
    this.#held = held;
    this.#deps = deps;
    this.#budget = deps.health.model(held.open.intent.modelId, deps.clock.monotonic()).budget;
    held.call.whenLeft(() => this.#trial?.left());
  }

  /** Asks one backend after the other until one begins to answer. Throws FaultError (the last), or the abort's reason. */
  async begin(): Promise<Opened> {
    const { call, itinerary } = this.#held;
    this.#budget.requested(this.#deps.clock.monotonic());
    let candidate = this.#held.first;
    itinerary.take(candidate);
    for (let onBackend = 1, keysTried = 1; ; onBackend++) {
      // Nobody asks for a caller who has left, even where an answer would be read on.
      if (call.abortReason !== undefined) {
        throw call.endError ?? new DOMException(call.abortReason, "AbortError");
      }
      const tried = await this.#attempt(candidate, this.#held.builtFor(candidate), this.#mayPass());
      if ("opened" in tried) return tried.opened;
      if (call.abortReason !== undefined || !(tried.error instanceof FaultError)) throw tried.error;
      const { fault } = tried.error;
      if (this.#hasOtherKey(candidate, fault, keysTried)) {
        keysTried++;
        onBackend--;
        continue;
      }
      const next = await this.#next(this.#acceptedAfter(fault, candidate));
      const verdict = this.#verdict(fault, candidate, next, onBackend);
      if (verdict.next === "stop") throw tried.error;
      if (verdict.next === "next_candidate" && next) {
        candidate = this.#go(next);
        onBackend = 0;
        keysTried = 1;
      } else if (verdict.next === "same_backend" && verdict.waitMs > 0) {
        await pause(verdict.waitMs, call.endSwitch().signal);
      }
    }
  }

  /** Whether an upstream's own words may go down: another backend may have to go on from them in ours. */
  #mayPass(): boolean {
    const { call, policy } = this.#held;
    return policy.midstream !== "continue" || call.door.dialect.passesWholeStreams !== true;
  }

  /** The answer has come to its end. */
  completed(): void {
    this.#trial?.completed();
  }

  /** The answer has broken off. */
  broke(fault: Fault): void {
    this.#trial?.failed(fault);
  }

  /**
   * Lets the next backends that can go on from what was said before the fault; undefined where none does. That they
   * refuse is in the trace alone: the caller is told of the first failure.
   */
  async goOn(fault: Fault, said: string): Promise<Opened | undefined> {
    const { call, policy } = this.#held;
    const broken = this.#trial;
    for (;;) {
      if (call.abortReason !== undefined || call.attempts.length >= policy.retry.attempts) return undefined;
      const next = await this.#next((each) => prefillOf(each) !== undefined);
      const hasBudget = this.#budget.hasRoom(this.#deps.clock.monotonic());
      const verdict = failover({
        fault,
        next: this.#standing(next),
        failovers: this.#failovers,
        hasBudget,
        policy,
      });
      this.#note(verdict);
      if (verdict.next === "stop" || !next) return undefined;
      const tried = await this.#attempt(this.#go(next), this.#held.continuedFor(next, said), false);
      if (!("opened" in tried)) {
        if (tried.error instanceof FaultError) continue;
        return undefined;
      }
      broken?.wasted(0);
      // What had been said is part of the prompt now.
      this.#trial?.wasted(0, estimateTokens(Buffer.byteLength(said)));
      return continuation(tried.opened, next, said);
    }
  }

  /** Whether the same backend is asked at once with another of its keys. */
  #hasOtherKey({ keys }: Candidate, fault: Fault, keysTried: number): boolean {
    const { call, policy } = this.#held;
    if (keysTried >= keys.length || call.attempts.length >= policy.retry.attempts) return false;
    if (fault.class !== "rate_limited" && fault.class !== "auth") return false;
    call.mark("other_key", `${fault.class} with key ${keysTried} of ${keys.length}`);
    return true;
  }

  /** A prompt that was too long is for models with a larger window alone. */
  #acceptedAfter(fault: Fault, { model }: Candidate): (candidate: Candidate) => boolean {
    return fault.class === "context_length"
      ? (each) => each.model.contextWindow > model.contextWindow
      : () => true;
  }

  /** The next backend whose format can express the request. */
  async #next(accepts: (candidate: Candidate) => boolean): Promise<Candidate | undefined> {
    const { itinerary } = this.#held;
    for (;;) {
      const nowMs = this.#deps.clock.monotonic();
      const next = itinerary.next(nowMs, accepts);
      if (next) await this.#held.ready(next, this.#deps);
      const issues = next ? this.#held.refusedBy(next) : [];
      if (!next || issues.length === 0) return next;
      itinerary.bar(next, inexpressible(issues));
      this.#held.call.candidates = itinerary.told(nowMs);
    }
  }

  #standing(next: Candidate | undefined): NextInLine {
    if (!next) return "nothing";
    return next.health.circuit.stateAt(this.#deps.clock.monotonic()) === "closed" ? "well" : "probe";
  }

  #verdict(fault: Fault, candidate: Candidate, next: Candidate | undefined, onBackend: number): Verdict {
    const { call, policy } = this.#held;
    const nowMs = this.#deps.clock.monotonic();
    const verdict = verdictAfter({
      fault,
      attempts: call.attempts.length,
      attemptsOnBackend: onBackend,
      maySameBackend: candidate.health.circuit.admits(nowMs),
      next: this.#standing(next),
      failovers: this.#failovers,
      hasBudget: this.#budget.hasRoom(nowMs),
      policy,
      random: this.#deps.random(),
    });
    this.#note(verdict);
    return verdict;
  }

  #note(verdict: Verdict): void {
    this.#held.call.mark(verdict.next, verdict.reason);
    if (verdict.next !== "stop" && verdict.counted) this.#budget.spend(this.#deps.clock.monotonic());
  }

  #go(next: Candidate): Candidate {
    this.#failovers++;
    this.#held.itinerary.take(next);
    return next;
  }

  async #attempt(candidate: Candidate, built: Opening["built"], passes: boolean): Promise<Tried> {
    const { call, policy, simulate } = this.#held;
    const startedMs = call.elapsedMs();
    const trial = (this.#trial = new Trial(candidate, this.#held, this.#deps));
    // Noted before the upstream is called: a caller who leaves meanwhile owes for a request that was sent.
    const index = call.attempts.length;
    const made = { backendId: candidate.backend.id, startedMs };
    this.#noteAttempt(index, made, "client_gone");
    const { backend, provider, dialect } = candidate;
    const credentials: Credentials = trial.credentials;
    const firstContentMs = this.#firstContentMs(candidate);
    try {
      const opening = { backend, provider, dialect, credentials, built, simulate, firstContentMs, passes };
      const begun = await open(call, opening, this.#deps);
      trial.began();
      const opened = policy.midstream === "buffer" ? await buffered(begun, trial) : begun;
      if (opened.kind === "whole") trial.completed();
      this.#noteAttempt(index, made, "ok", opened.reply);
      return { opened };
    } catch (error) {
      if (error instanceof FaultError && !call.hasEnded) {
        this.#noteAttempt(index, made, error.fault.class, error.fault);
        trial.failed(error.fault);
      } else trial.left();
      return { error };
    }
  }

  #noteAttempt(
    index: number,
    { backendId, startedMs }: Pick<TraceAttempt, "backendId" | "startedMs">,
    outcome: TraceAttempt["outcome"],
    { status, upstreamId, reason }: Told = NOTHING_TOLD,
  ): void {
    const { call } = this.#held;
    const durationMs = call.elapsedMs() - startedMs;
    call.upstreamMs += durationMs;
    call.attempts[index] = { backendId, startedMs, durationMs, outcome, status, upstreamId, reason };
  }

  /** A whole answer is waited for as long as it takes, unless it could be had elsewhere. */
  #firstContentMs({ backend: { timeouts } }: Candidate): number {
    const { call, policy, itinerary } = this.#held;
    if (call.stream) return timeouts.first_byte;
    const goesOn =
      call.attempts.length < policy.retry.attempts &&
      policy.failoverOn.includes("timeout") &&
      itinerary.hasNext(this.#deps.clock.monotonic());
    return goesOn ? Math.min(timeouts.total, timeouts.first_byte * WHOLE_FIRST_CONTENT) : timeouts.total;
  }
}

/** What a backend says to go on, as the rest of one answer. */
function continuation(opened: Opened, candidate: Candidate, said: string): Opened {
  if (opened.kind === "whole") return opened;
  const echo = prefillOf(candidate)?.echoes === true ? said : undefined;
  return { ...opened, source: new Continuation(opened.first, opened.source, echo), first: [] };
}
