import type { Clock } from "../base/clock.ts";
import { within } from "../base/within.ts";
import { StoreUnavailable } from "../store/errors.ts";

/** So long after the store was last heard, what is in memory is taken for what is true. */
const FRESH_MS = 30_000;
/** The longest a caller waits for the store's word on their key. */
const ASK_MS = 2_000;

export interface FreshnessOptions {
  readonly clock: Clock;
  /** Reads what is new in the change log and applies it. */
  readonly catchUp: () => Promise<void>;
  /** Reads one session again: its last use is no change that the log would tell of. */
  readonly rereadSession: (id: string) => Promise<void>;
  /** How long callers are served from memory while the store is away. */
  readonly staleMs: number;
}

/**
 * How far the control plane in memory can be trusted where other nodes change it too: fresh for 30 s after the change
 * log was last read; then, with the store away, stale but served; and after `staleMs` no longer served.
 */
export class Freshness {
  readonly #options: FreshnessOptions;
  /** Monotonic milliseconds: all that was committed before is in memory. */
  #confirmedMs: number;
  #failing = false;

  constructor(options: FreshnessOptions) {
    this.#options = options;
    this.#confirmedMs = options.clock.monotonic();
  }

  /** Whether what is in memory may be believed without a look at the store. */
  get fresh(): boolean {
    return this.#ageMs() <= FRESH_MS;
  }

  /** Whether callers that are known may be served, the store being away. */
  get serves(): boolean {
    return this.#ageMs() <= this.#options.staleMs;
  }

  /** Whether the store answered when it was last asked. */
  get reached(): boolean {
    return !this.#failing;
  }

  /** Applies what has been committed before the call. Rejects with StoreUnavailable. */
  async catchUp(): Promise<void> {
    const startedMs = this.#options.clock.monotonic();
    try {
      await this.#options.catchUp();
    } catch (error) {
      this.#failing = true;
      throw error;
    }
    this.#failing = false;
    this.#confirmedMs = Math.max(this.#confirmedMs, startedMs);
  }

  /**
   * Has the store's last word in memory, for a caller whom memory does not know or may know no longer; `sessionId` is
   * theirs, where it seems to have been idle for too long. Says whether it could be had: an outage that is known of
   * is not waited for.
   */
  async ask(sessionId?: string): Promise<boolean> {
    if (this.#failing) return false;
    const late = (): Error => {
      this.#failing = true;
      return new StoreUnavailable(`no answer within ${ASK_MS} ms`);
    };
    const asking = this.catchUp().then(() =>
      sessionId === undefined ? undefined : this.#options.rereadSession(sessionId),
    );
    return within(ASK_MS, asking, late).then(
      () => true,
      () => false,
    );
  }

  #ageMs(): number {
    return this.#options.clock.monotonic() - this.#confirmedMs;
  }
}
