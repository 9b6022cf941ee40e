import type { Intent } from "../../core/accounting.ts";
import type { Issue } from "../../core/dialect.ts";
import { ApiError } from "../../errors.ts";
import type { Candidate } from "../../routing/candidate.ts";
import type { OpenRequest } from "../../settlement/budgets/arming.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import { promiseOf, tokensMax } from "../promise.ts";
import { setAsideInAll } from "../set-aside.ts";
import { countTokens } from "../token-windows.ts";
import type { Prepared } from "./07-prepare.ts";

/** Until a full disk is looked at again, with some time for whoever makes room. */
const FULL_RETRY_SECONDS = 5;

/**
 * Stage 8 proves: the most it can use fits its token windows, the most it can cost is set aside in every budget over
 * it, and its intent is kept for good.
 */
export class Held {
  declare private readonly proof: never;
  readonly call: Call;
  readonly principal: Prepared["principal"];
  readonly policy: Prepared["policy"];
  /** The backend to be asked first. */
  readonly first: Candidate;
  readonly itinerary: Prepared["itinerary"];
  readonly tariff: Prepared["tariff"];
  readonly simulate: Prepared["simulate"];
  readonly chosenMaxTokens: number | undefined;
  /** What is promised; a budget that is made meanwhile is added to it. */
  readonly open: OpenRequest;
  readonly #prepared: Prepared;

  private constructor(prepared: Prepared, open: OpenRequest) {
    this.call = prepared.call;
    this.principal = prepared.principal;
    this.policy = prepared.policy;
    this.first = prepared.first;
    this.itinerary = prepared.itinerary;
    this.tariff = prepared.tariff;
    this.simulate = prepared.simulate;
    this.chosenMaxTokens = prepared.chosenMaxTokens;
    this.open = open;
    this.#prepared = prepared;
  }

  get intent(): Intent {
    return this.open.intent;
  }

  builtFor(candidate: Candidate): ReturnType<Prepared["builtFor"]> {
    return this.#prepared.builtFor(candidate);
  }

  continuedFor(candidate: Candidate, said: string): ReturnType<Prepared["continuedFor"]> {
    return this.#prepared.continuedFor(candidate, said);
  }

  /** Why a candidate cannot be told the request at all. */
  refusedBy(candidate: Candidate): readonly Issue[] {
    return this.#prepared.refusedBy(candidate);
  }

  /** Makes sure that a candidate which takes bytes alone has them. */
  ready(candidate: Candidate, deps: InferenceDeps): Promise<void> {
    return this.#prepared.ready(candidate, deps);
  }

  /** Answers to one prompt that were asked for. */
  get choices(): number {
    return this.#prepared.request.n ?? 1;
  }

  /**
   * Throws ApiError BUDGET_EXCEEDED, BUDGET_RESERVED, RATE_LIMITED, VALIDATION_ERROR (a bound beyond any amount),
   * DEPENDENCY_UNAVAILABLE (no journal, no room for it).
   */
  static async of(asked: Prepared, deps: InferenceDeps): Promise<Held> {
    const { call } = asked;
    if (deps.disk.isFull) {
      throw new ApiError("DEPENDENCY_UNAVAILABLE", "There is no room left to record a request in.", {
        retryAfterSeconds: FULL_RETRY_SECONDS,
        hint: "Somebody who runs the gateway has to make room on its disk.",
      });
    }
    const promised = promiseOf(asked, deps);
    countTokens(call, asked.principal, promised.tokensCounted, deps);
    const { budgets } = deps;
    const over = budgets.over(promised.intent.payer);
    const soon =
      over.length === 0 ? { prepared: asked, ...promised } : setAsideInAll(asked, promised, over, deps);
    const { prepared, intent, tokens } = soon instanceof Promise ? await soon : soon;
    const open: OpenRequest = { intent, tokensMax: tokensMax(tokens), isSettling: false };
    call.open = open;
    try {
      await deps.journal.intend(intent);
    } catch (error) {
      open.isSettling = true;
      // What cannot be given back now is given back later.
      void Promise.resolve(budgets.authority.release(open.intent)).catch(() => undefined);
      call.countTokens?.(0);
      deps.log.log("error", "journal_failed", { request_id: call.requestId, reason: String(error) });
      throw new ApiError("DEPENDENCY_UNAVAILABLE", undefined, { retryAfterSeconds: 1 });
    }
    if (intent.brokenStreams === "upstream") call.drains = deps.drains;
    call.mark("held");
    return new Held(prepared, open);
  }
}
