import { RollingWindow } from "../base/rolling-window.ts";
import { Shares } from "./shares.ts";

/** The levels a request is counted at; the tightest wins. `address` is for callers without a key. */
export type LimitLevel = "key" | "user" | "tenant" | "partner" | "address";

/** One scope a request is counted in. */
export interface LimitedScope {
  readonly level: LimitLevel;
  /** Unlike any other scope's of this limiter: an entity's id, or a client address. */
  readonly scopeId: string;
  /** Requests (or tokens) in any 60 s; 0 = unlimited, counted all the same. */
  readonly limit: number;
}

/** What the rate-limit headers say: the level with the fewest requests left. */
export interface RateState {
  readonly limit: number;
  readonly remaining: number;
  /** Epoch seconds, rounded up: when `remaining` next grows. */
  readonly resetEpochSeconds: number;
}

/** A request that was let in and counted everywhere. */
export interface Admitted {
  readonly refused?: never;
  /** Undefined when no level has a limit. */
  readonly state: RateState | undefined;
  /** What `giveBack` needs. */
  readonly scopes: readonly LimitedScope[];
  readonly second: number;
  /** What was counted: 1 for a request, or tokens. */
  readonly amount: number;
}

/** A request that was turned away and counted nowhere. */
export interface Refused {
  /** The level that takes longest to have room again. */
  readonly refused: LimitLevel;
  readonly state: RateState;
  /** Whole seconds ≥ 1 until every level has room, if nothing else arrives. */
  readonly retryAfterSeconds: number;
}

export interface LimiterBounds {
  /** Windows kept at once, about 200 bytes each. Beyond it scopes without a window wait for one to fall idle. */
  readonly windowsMax: number;
}

const DEFAULT_BOUNDS: LimiterBounds = { windowsMax: 500_000 };
/** Windows looked at for each new one, so that idle ones leave even if nobody calls `sweep`. */
const SWEPT_PER_NEW_WINDOW = 2;
const SWEPT_WHEN_FULL = 256;
/** In so long a scope that has room on other nodes may have more of it here. */
const REBALANCED_MS = 2_000;

/**
 * Rolling limits of requests or tokens over several levels, all or none. Holds counts only: it reads no clock; callers give
 * the monotonic time (`nowMs`) and the wall clock (`wallMs`, for the headers alone). Four levels take 0.2 µs, and
 * 2 µs when 100 000 keys come in random order: nearly all of that is memory that is not in the cache.
 */
export class RateLimiter {
  /** This node's part of each limit, where several nodes keep them. */
  readonly shares = new Shares((scopeId, nowMs) => this.#windows.get(scopeId)?.countAt(nowMs) ?? 0);
  readonly #windows = new Map<string, RollingWindow>();
  readonly #windowsMax: number;
  #sweeping: MapIterator<[string, RollingWindow]> | undefined;
  readonly #returned = new WeakSet<Admitted>();

  constructor(bounds: LimiterBounds = DEFAULT_BOUNDS) {
    this.#windowsMax = bounds.windowsMax;
  }

  /** Windows held now: for metrics and tests. */
  get size(): number {
    return this.#windows.size;
  }

  /**
   * Counts one request (or an amount of tokens) at every scope, or at none if one of them has no room. What is more
   * than a scope's whole limit is let in where nothing else counts: it could never be otherwise.
   */
  admit(scopes: readonly LimitedScope[], nowMs: number, wallMs: number, amount = 1): Admitted | Refused {
    let tightest: LimitedScope | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    let fits = true;
    for (const scope of scopes) {
      const window = this.#windows.get(scope.scopeId);
      if (window === undefined && !this.#hasPlace(nowMs)) return refusal(scope, 0, 1_000, wallMs);
      if (scope.limit === 0) continue;
      const share = this.shares.areShared ? this.shares.of(scope) : scope.limit;
      const left = share - (window === undefined ? 0 : window.countAt(nowMs));
      if (left * 2 < share && this.shares.areShared) this.shares.pressOn(scope);
      if (left < amount && left < scope.limit) fits = false;
      if (left < fewest) {
        tightest = scope;
        fewest = left;
      }
    }
    if (!fits) return this.#refuse(scopes, nowMs, wallMs, amount);
    const second = this.#count(scopes, nowMs, amount);
    const state = tightest && this.#stateOf(tightest, Math.max(0, fewest - amount), nowMs, wallMs);
    return { state, scopes, second, amount };
  }

  /** Uncounts a request that ended in our own 5xx. A second time, or after it left the window: nothing. */
  giveBack(admitted: Admitted): void {
    if (this.#returned.has(admitted)) return;
    this.#returned.add(admitted);
    this.#takeBack(admitted, admitted.amount);
  }

  /** Replaces what was counted for a request by what it came to, once; after it left its window: nothing. */
  correct(admitted: Admitted, actual: number, nowMs: number): void {
    if (this.#returned.has(admitted)) return;
    this.#returned.add(admitted);
    if (actual <= admitted.amount) this.#takeBack(admitted, admitted.amount - actual);
    else this.#count(admitted.scopes, nowMs, actual - admitted.amount);
  }

  /** Looks at up to `entriesMax` windows, going on where it stopped, and drops the idle ones; returns how many. */
  sweep(nowMs: number, entriesMax: number): number {
    const iterator = (this.#sweeping ??= this.#windows.entries());
    let dropped = 0;
    for (let i = 0; i < entriesMax; i++) {
      const { value, done } = iterator.next();
      if (done) {
        this.#sweeping = undefined;
        break;
      }
      const [scopeId, window] = value;
      if (window.countAt(nowMs) > 0) continue;
      this.#windows.delete(scopeId);
      dropped += 1;
    }
    return dropped;
  }

  #takeBack({ scopes, second }: Admitted, amount: number): void {
    for (const { scopeId } of scopes) this.#windows.get(scopeId)?.takeBack(second, amount);
  }

  #hasPlace(nowMs: number): boolean {
    if (this.#windows.size < this.#windowsMax) return true;
    this.sweep(nowMs, SWEPT_WHEN_FULL);
    return this.#windows.size < this.#windowsMax;
  }

  #count(scopes: readonly LimitedScope[], nowMs: number, amount: number): number {
    let second = 0;
    for (const { scopeId } of scopes) {
      let window = this.#windows.get(scopeId);
      if (window === undefined) {
        this.sweep(nowMs, SWEPT_PER_NEW_WINDOW);
        window = new RollingWindow(nowMs);
        this.#windows.set(scopeId, window);
      }
      second = window.add(nowMs, amount);
    }
    return second;
  }

  #refuse(scopes: readonly LimitedScope[], nowMs: number, wallMs: number, amount: number): Refused {
    let slowest: LimitedScope | undefined;
    let longestMs = 0;
    for (const scope of scopes) {
      if (scope.limit === 0) continue;
      const waitMs = this.#waitMs(scope, nowMs, amount);
      if (waitMs <= longestMs) continue;
      slowest = scope;
      longestMs = waitMs;
    }
    if (slowest === undefined) throw new Error("a limit was reached that no window holds");
    const share = this.shares.of(slowest);
    const left = Math.max(0, share - (this.#windows.get(slowest.scopeId)?.countAt(nowMs) ?? 0));
    return refusal(slowest, left, longestMs, wallMs);
  }

  /** Until a scope has room for that much; 0 if it has. */
  #waitMs(scope: LimitedScope, nowMs: number, amount: number): number {
    const share = this.shares.of(scope);
    const wanted = Math.min(amount, scope.limit);
    // There is room for it as soon as fewer than this count.
    const below = share - wanted + 1;
    const window = this.#windows.get(scope.scopeId);
    const waitMs = below > 0 ? (window?.msUntilBelow(below, nowMs) ?? 0) : REBALANCED_MS;
    if (waitMs === 0 || !this.shares.areShared) return waitMs;
    this.shares.pressOn(scope, wanted);
    return this.shares.mayGrow(scope) ? Math.min(waitMs, REBALANCED_MS) : waitMs;
  }

  #stateOf(scope: LimitedScope, remaining: number, nowMs: number, wallMs: number): RateState {
    const reliefMs = this.#windows.get(scope.scopeId)?.msUntilRelief(nowMs) ?? 0;
    return { limit: scope.limit, remaining, resetEpochSeconds: epochSeconds(wallMs + reliefMs) };
  }
}

function refusal(scope: LimitedScope, remaining: number, waitMs: number, wallMs: number): Refused {
  return {
    refused: scope.level,
    state: { limit: scope.limit, remaining, resetEpochSeconds: epochSeconds(wallMs + waitMs) },
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
  };
}

function epochSeconds(wallMs: number): number {
  return Math.ceil(wallMs / 1_000);
}
