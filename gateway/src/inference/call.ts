import type { AnswerHead } from "../core/dialect.ts";
import type { Payer, ServedAt } from "../core/accounting.ts";
import type { Fault } from "../core/fault.ts";
import type { TraceAttempt, TraceCandidate, TraceStep } from "../core/trace.ts";
import type { JsonObject } from "../base/json.ts";
import type { Clock } from "../base/clock.ts";
import { randomHex } from "../base/crypto.ts";
import { USUAL_PER_KB } from "../pricing/token-ratio.ts";
import { estimateTokens } from "../pricing/usage-estimate.ts";
import { UNBELIEVED_USAGE } from "../core/usage.ts";
import type { Admitted as Counted } from "../limits/limiter.ts";
import type { Claim } from "../settlement/idempotency/claim.ts";
import type { OpenRequest } from "../settlement/budgets/arming.ts";
import type { Door } from "./door.ts";
import type { Drains } from "./drains.ts";
import type { Inbound } from "./inbound.ts";

const CLIENT_ID_CHARS = 128;
/** W3C Trace Context, version 00: trace id, parent id, flags; an id of zeros is no id. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;
const NO_CANDIDATES: readonly TraceCandidate[] = [];

/** Why a call was ended from our side or the caller's. */
export type AbortReason = "client_gone" | "key_revoked" | "tenant_suspended" | "shutting_down";

/** How far an answer has come; what recovery would know of it. */
export interface CallProgress {
  backendId: string;
  /** Where that backend goes by other prices or costs than the intent names. */
  served: ServedAt | undefined;
  /** UTF-8 bytes of content sent to the caller, or read on for one who has left. */
  outputBytes: number;
  /** Tokens that 1 000 of them are taken for. */
  outputPerKb: number;
  delivered: boolean;
  /** Milliseconds from arrival to the first content. */
  ttftMs: number | undefined;
}

/**
 * The running record of one request: its ids, its clock, its abort switch and everything the trace will tell.
 * Stages prove what has happened; this only remembers it.
 */
export class Call {
  readonly requestId: string;
  readonly inbound: Inbound;
  /** The door it came through. */
  readonly door: Door;
  /** Epoch milliseconds of arrival. */
  readonly receivedAt: number;
  readonly steps: TraceStep[] = [];
  candidates: readonly TraceCandidate[] = NO_CANDIDATES;
  readonly attempts: TraceAttempt[] = [];
  readonly dropped: string[] = [];
  /** The caller's X-Request-Id, kept beside ours. */
  readonly clientRequestId: string | undefined;
  /** From `traceparent`. */
  readonly traceId: string | undefined;
  /** What upstreams are sent: the caller's trace, with a span of our own as the parent. */
  readonly traceparent: string | undefined;
  readonly progress: CallProgress = {
    backendId: "",
    served: undefined,
    outputBytes: 0,
    outputPerKb: USUAL_PER_KB,
    delivered: false,
    ttftMs: undefined,
  };
  payer: Payer | undefined;
  modelSlug: string | undefined;
  stream = false;
  /** Whether the caller asked to see the usage of a stream. */
  includeUsage = false;
  /** What the caller wrote, where its door kept it. */
  asked: JsonObject | undefined;
  /** Its prompt, where its tokens follow from its bytes. */
  prompt: { readonly bytes: number; readonly messages: number } | undefined;
  /** Answers to the same prompt that were asked for (`n`). */
  choicesAsked = 1;
  /** What attempts cost that broke off after they had begun to answer, in pico. */
  costOfOthers = 0n;
  /** Whether the upstream has reported a usage that cannot be believed. */
  reportRefused = false;
  /** Milliseconds spent waiting for upstreams before the first content. */
  upstreamMs = 0;
  /** Headers that every answer of this call carries: rate limits and the like. */
  readonly answerHeaders: Record<string, string> = {};
  /** How it was counted by the rate limits: given back when it ends in our own 5xx. */
  counted: Counted | undefined;
  /** Replaces the tokens counted for this call by those it used. */
  countTokens: ((tokens: number) => void) | undefined;
  /** Counts the tokens this call used at the account of its backend. */
  countAccountTokens: ((tokens: number) => void) | undefined;
  /** Its body as it came, until it is known whether it repeats another call. */
  bodyText: string | undefined;
  /** The Idempotency-Key that it has. */
  claim: Claim | undefined;
  /** Where its answer may be read on after its caller has left; undefined = the upstream is closed at once. */
  drains: Drains | undefined;
  /** What was promised for it, from the hold on. */
  open: OpenRequest | undefined;
  readonly #clock: Clock;
  readonly #startedMs: number;
  #abortReason: AbortReason | undefined;
  #isDraining = false;
  #endError: Error | undefined;
  /** What to give back when the call is over. */
  readonly #leaving: (() => void)[] = [];
  /** Whatever the call waits for just now, or does: told when the call is ended. */
  #onEnd: ((error: Error) => void) | AbortController | undefined;

  constructor(requestId: string, inbound: Inbound, door: Door, clock: Clock) {
    this.requestId = requestId;
    this.inbound = inbound;
    this.door = door;
    this.#clock = clock;
    this.#startedMs = clock.monotonic();
    this.receivedAt = clock.now();
    this.clientRequestId = inbound.headers.get("x-request-id")?.slice(0, CLIENT_ID_CHARS) ?? undefined;
    const parent = inbound.headers.get("traceparent");
    const trace = parent === null ? null : TRACEPARENT.exec(parent);
    this.traceId = trace?.[1];
    this.traceparent = trace ? `00-${trace[1]}-${randomHex(8)}-${trace[2]}` : undefined;
    inbound.signal.addEventListener("abort", () => this.abort("client_gone"), { once: true });
    if (inbound.signal.aborted) this.abort("client_gone");
  }

  /** Milliseconds since arrival, fractional. */
  elapsedMs(): number {
    return this.#clock.monotonic() - this.#startedMs;
  }

  /** Notes a moment for the trace. */
  mark(step: string, note?: string): void {
    const atMs = this.elapsedMs();
    this.steps.push(note === undefined ? { step, atMs } : { step, atMs, note });
  }

  /** Notes a part of an answer that is left out, with what cannot be believed of its usage. */
  skipped(step: "event_skipped" | "part_skipped", reason: string): void {
    if (reason.startsWith(UNBELIEVED_USAGE)) this.reportRefused = true;
    this.mark(step, reason);
  }

  /** Notes that content has gone down; the first time gives the time to first token. */
  delivered(bytes: number): void {
    if (!this.progress.delivered) {
      this.progress.delivered = true;
      this.progress.ttftMs = this.elapsedMs();
      this.mark("first_content");
    }
    this.progress.outputBytes += bytes;
  }

  /** The attempt that was answered has failed after its first content; an abort of ours or the caller's is no fault. */
  attemptBroke({ class: outcome, reason }: Fault): void {
    const last = this.attempts.at(-1);
    if (last?.outcome !== "ok" || this.hasEnded) return;
    const durationMs = this.elapsedMs() - last.startedMs;
    this.attempts[this.attempts.length - 1] = { ...last, durationMs, outcome, reason };
  }

  /**
   * Waits for `work`, at most `timeoutMs` and no longer than the call lasts. Rejects with what `onTimeout` makes,
   * or with the reason of the end. The work itself goes on; its later rejection is not unhandled.
   */
  during<T>(work: Promise<T>, timeoutMs: number, onTimeout: () => Error): Promise<T> {
    // Written out: a signal with a listener and a race of promises cost three times as much, for every request.
    return new Promise<T>((resolve, reject) => {
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(() => fail(onTimeout()), timeoutMs);
      work.then((value) => {
        clearTimeout(timer);
        resolve(value);
      }, fail);
      if (this.#endError) fail(this.#endError);
      else this.#onEnd = fail;
    });
  }

  /** A switch for what the call does next: thrown when the call is ended. Only the newest one is. */
  endSwitch(): AbortController {
    const controller = new AbortController();
    if (this.#endError) controller.abort(this.#endError);
    else this.#onEnd = controller;
    return controller;
  }

  /** What waits are rejected with once the call is ended. */
  get endError(): Error | undefined {
    return this.#endError;
  }

  /** Whether it was ended, so that what fails from now on is no fault of the upstream's. */
  get hasEnded(): boolean {
    return this.#endError !== undefined;
  }

  get abortReason(): AbortReason | undefined {
    return this.#abortReason;
  }

  /** Whether the caller has left and the answer is read on to learn what it comes to. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /**
   * Ends the call: the upstream is closed at once, unless the answer of a caller who has left is to be read on; then
   * the next reason closes it. The first reason stays.
   */
  abort(reason: AbortReason): void {
    if (this.#abortReason !== undefined) {
      // The leaving of a caller is heard of twice.
      if (reason !== "client_gone") this.cutDrain(reason);
      return;
    }
    this.#abortReason = reason;
    this.mark("aborted", reason);
    if (reason !== "client_gone" || !this.#drain()) this.#end(reason);
  }

  /** Ends the reading on of the answer, if it is read on. */
  cutDrain(why: string): void {
    if (!this.#isDraining || this.#endError) return;
    this.mark("drain_cut", why);
    this.#end(why);
  }

  #drain(): boolean {
    const end = this.drains?.begin(() => this.cutDrain("its time was over"));
    if (end === undefined) return false;
    this.#isDraining = true;
    this.whenLeft(end);
    this.mark("draining");
    return true;
  }

  #end(why: string): void {
    const error = new DOMException(why, "AbortError");
    this.#endError = error;
    if (this.#onEnd instanceof AbortController) this.#onEnd.abort(error);
    else this.#onEnd?.(error);
  }

  /** Tokens of the answer so far, by our count: no more than it may have. */
  get outputTokens(): number {
    const { outputBytes, outputPerKb } = this.progress;
    const tokens = estimateTokens(outputBytes, outputPerKb);
    return this.open ? Math.min(tokens, this.open.tokensMax - this.open.intent.inputEstimate) : tokens;
  }

  /** Notes what was read on for a caller who has left. */
  drained(bytes: number): void {
    this.progress.outputBytes += bytes;
  }

  /** Runs when the call has left, whichever way: for what it holds of places and limits. */
  whenLeft(giveBack: () => void): void {
    this.#leaving.push(giveBack);
  }

  /** The call is over: gives back what it holds. Only the first time. */
  left(): void {
    for (let giveBack = this.#leaving.pop(); giveBack; giveBack = this.#leaving.pop()) giveBack();
  }

  head(): AnswerHead {
    const head = {
      id: `chatcmpl-${this.requestId.slice(4)}`,
      model: this.modelSlug ?? "",
      created: Math.floor(this.receivedAt / 1000),
      includeUsage: this.includeUsage,
    };
    return this.asked ? { ...head, asked: this.asked } : head;
  }
}
