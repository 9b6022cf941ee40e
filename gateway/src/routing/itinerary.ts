import type { Strategy } from "../core/catalogue.ts";
import type { TraceCandidate } from "../core/trace.ts";
import { choose } from "./choose.ts";
import type { Candidate, Claim } from "./candidate.ts";
import type { Route } from "./route.ts";

/** What of a request decides where it goes. */
export interface Traits extends Claim {
  readonly form: "stream" | "whole";
  /** Of whom it is to stick to a backend for; undefined where nobody. */
  readonly stickyHash: number | undefined;
}

/** Why there is no backend for a request at all. */
export interface Impasse {
  /** All that could serve it have no room just now. */
  readonly full: boolean;
  /** Milliseconds until one of them may; undefined where nobody knows. */
  readonly waitMs: number | undefined;
}

const CHOSEN: Readonly<Record<Strategy, string>> = {
  priority: "the heaviest",
  weighted: "drawn by weight",
  least_busy: "the one with the fewest calls in flight for its weight",
  latency: "the quickest to its first content",
};
const ALL = (): boolean => true;

/**
 * The way of one request through the backends of its model, and of its fallbacks after them: which one is next is decided
 * when it is needed, by what is known then.
 */
export class Itinerary {
  /** The model that was asked for first, then its fallbacks. */
  readonly routes: readonly Route[];
  readonly #traits: Traits;
  readonly #random: () => number;
  readonly #tried: Candidate[] = [];
  /** Made when needed: most requests pass nothing by. */
  #barred: Map<Candidate, string> | undefined;
  #wellAtMs: number | undefined;

  constructor(routes: readonly Route[], traits: Traits, random: () => number) {
    this.routes = routes;
    this.#traits = traits;
    this.#random = random;
  }

  /** The backend that is next among those that `accepts` takes; it stays next until it is taken. */
  next(nowMs: number, accepts: (candidate: Candidate) => boolean = ALL): Candidate | undefined {
    const { form, stickyHash } = this.#traits;
    const asked = this.routes[0];
    // Nearly always: one look at each backend, whatever the strategy, is all there is.
    const isOpen =
      accepts === ALL && this.#tried.length === 0 && asked && this.#isAllWell(asked, nowMs)
        ? ALL
        : this.#openAmong(accepts, nowMs);
    for (const { groups, policy } of this.routes) {
      const question = { strategy: policy.strategy, stickyHash, form, nowMs, random: this.#random() };
      for (const group of groups) {
        const chosen = choose(group, question, isOpen);
        if (chosen) return chosen;
      }
    }
    return undefined;
  }

  #openAmong(accepts: (candidate: Candidate) => boolean, nowMs: number): (candidate: Candidate) => boolean {
    return (candidate) =>
      !this.#tried.includes(candidate) && accepts(candidate) && candidate.isOpen(this.#traits, nowMs);
  }

  /** Why a backend is the next one, in words. */
  why(chosen: Candidate, nowMs: number): string {
    const { stickyHash } = this.#traits;
    const route = this.routes.find(({ candidates }) => candidates.includes(chosen));
    const open = route?.groups
      .find((group) => group.includes(chosen))
      ?.filter((each) => each === chosen || each.isOpen(this.#traits, nowMs));
    const among = `of the ${open?.length ?? 1} open backends of priority ${chosen.priority}`;
    if (!route || !open || open.length === 1) return `the only open backend of priority ${chosen.priority}`;
    const { strategy } = route.policy;
    if (strategy !== "priority" && stickyHash !== undefined) return `the one this caller sticks to ${among}`;
    return `${CHOSEN[strategy]} ${among}`;
  }

  /** Whether there is any other backend to go to. */
  hasNext(nowMs: number): boolean {
    return this.routes.some(({ candidates }) =>
      candidates.some((each) => !this.#tried.includes(each) && each.isOpen(this.#traits, nowMs)),
    );
  }

  /** Goes there: nobody comes by twice. */
  take(candidate: Candidate): void {
    this.#tried.push(candidate);
  }

  /** Passes it by, for a reason of the request's own. */
  bar(candidate: Candidate, reason: string): void {
    this.#tried.push(candidate);
    (this.#barred ??= new Map()).set(candidate, reason);
  }

  /**
   * With every circuit of the model open: the backend to probe all the same, the one that has rested longest. Undefined
   * where something else stands in the way.
   */
  probe(nowMs: number): Candidate | undefined {
    const [asked] = this.routes;
    let best: Candidate | undefined;
    for (const each of asked?.candidates ?? []) {
      const { circuit } = each.health;
      const obstacle = each.obstacle(this.#traits, nowMs);
      if (obstacle?.kind === "full") return undefined;
      if (obstacle?.kind !== "circuit" || circuit.isProbed(nowMs)) continue;
      if (best === undefined || circuit.restMsAt(nowMs) < best.health.circuit.restMsAt(nowMs)) best = each;
    }
    return best;
  }

  /** Why nothing is next. */
  impasse(nowMs: number): Impasse {
    let full = false;
    let waitMs: number | undefined;
    for (const candidate of this.routes.flatMap(({ candidates }) => candidates)) {
      const obstacle = candidate.obstacle(this.#traits, nowMs);
      if (obstacle?.kind === "full") full = true;
      if (obstacle?.waitMs === undefined) continue;
      waitMs = Math.min(waitMs ?? Number.POSITIVE_INFINITY, obstacle.waitMs);
    }
    return { full, waitMs };
  }

  /** Every target of the policies, for the trace, with the reason why it may be asked or is passed by. */
  told(nowMs: number): readonly TraceCandidate[] {
    const asked = this.routes[0];
    if (!asked) return [];
    // The same list for all requests as long as all is well.
    if (this.routes.length === 1 && this.#isAllWell(asked, nowMs)) return asked.told;
    return this.#toldAnew(asked, nowMs);
  }

  #toldAnew(asked: Route, nowMs: number): readonly TraceCandidate[] {
    return this.routes.flatMap((route) => this.#toldOf(route, route === asked, nowMs));
  }

  /** Whether every candidate of the route that was asked for is open; found out once for each moment. */
  #isAllWell({ candidates }: Route, nowMs: number): boolean {
    if (this.#barred || candidates.length === 0) return false;
    if (this.#wellAtMs === nowMs) return true;
    for (const candidate of candidates) if (!candidate.isOpen(this.#traits, nowMs)) return false;
    this.#wellAtMs = nowMs;
    return true;
  }

  #toldOf({ candidates, skipped, model }: Route, isAsked: boolean, nowMs: number): TraceCandidate[] {
    const suffix = isAsked ? "" : `; fallback ${model.slug}`;
    const told = candidates.map((candidate) => {
      const obstacle = candidate.obstacle(this.#traits, nowMs);
      const reason = this.#barred?.get(candidate) ?? obstacle?.reason;
      const { backendId, reason: place } = candidate.told;
      return reason === undefined
        ? { backendId, taken: true, reason: place + suffix }
        : { backendId, taken: false, reason: reason + suffix };
    });
    const others = skipped.map(({ backendId, reason }) => ({
      backendId,
      taken: false,
      reason: reason + suffix,
    }));
    return [...told, ...others];
  }
}
