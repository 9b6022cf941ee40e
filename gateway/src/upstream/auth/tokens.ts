import type { Clock } from "../../base/clock.ts";
import { FaultError } from "../../core/fault.ts";
import { within } from "../waits.ts";

/** A token as its endpoint has given it. */
export interface Minted {
  readonly token: string;
  readonly expiresInSeconds: number;
}

interface Kept {
  readonly token: string;
  /** Monotonic milliseconds: from here on another is asked for, while this one is still shown. */
  readonly refreshAtMs: number;
  /** From here on it is not shown any more. */
  readonly untilMs: number;
}

interface Failure {
  readonly error: unknown;
  readonly untilMs: number;
}

/** Accounts whose tokens are kept: as many as there are providers and backends with credentials of their own. */
const KEPT_MAX = 1_000;
/** A token is not shown in its last minute: clocks differ, and a call takes its time. */
const MARGIN_MS = 60_000;
/** Part of its life after which another one is asked for. */
const REFRESH_SHARE = 0.75;
const LIFE_SECONDS_MAX = 24 * 3_600;
const WAIT_MS = 10_000;
/** An endpoint that refuses is not asked anew with every call. */
const FAILURE_MS = 2_000;

/** Tokens by account: each asked for by one at a time, before it runs out, and shared by all calls. */
export class Tokens {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  readonly #failures = new Map<string, Failure>();
  readonly #pending = new Map<string, Promise<string>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The token of an account; `mint` asks for one. Throws what `mint` throws, FaultError `timeout` when it takes too
   * long, and the signal's reason.
   */
  async get(account: string, mint: () => Promise<Minted>, signal: AbortSignal): Promise<string> {
    const nowMs = this.#clock.monotonic();
    const kept = this.#kept.get(account);
    if (kept !== undefined && nowMs < kept.untilMs) {
      // Whatever becomes of it, this call has its token.
      if (nowMs >= kept.refreshAtMs) void this.#ask(account, mint).catch(() => undefined);
      return kept.token;
    }
    const overdue = () => new FaultError({ class: "timeout", reason: `no token within ${WAIT_MS} ms` });
    return within(this.#ask(account, mint), WAIT_MS, overdue, signal);
  }

  /** Takes a token back that an upstream has refused; another one that came meanwhile stays. */
  forget(account: string, token: string): void {
    if (this.#kept.get(account)?.token === token) this.#kept.delete(account);
  }

  #ask(account: string, mint: () => Promise<Minted>): Promise<string> {
    const pending = this.#pending.get(account);
    if (pending !== undefined) return pending;
    const failure = this.#failures.get(account);
    if (failure !== undefined && this.#clock.monotonic() < failure.untilMs)
      return Promise.reject(failure.error);
    const asked = this.#mint(account, mint).finally(() => this.#pending.delete(account));
    this.#pending.set(account, asked);
    return asked;
  }

  async #mint(account: string, mint: () => Promise<Minted>): Promise<string> {
    try {
      const { token, expiresInSeconds } = await mint();
      this.#failures.delete(account);
      this.#keep(account, token, Math.min(expiresInSeconds, LIFE_SECONDS_MAX) * 1_000);
      return token;
    } catch (error) {
      bounded(this.#failures);
      this.#failures.set(account, { error, untilMs: this.#clock.monotonic() + FAILURE_MS });
      throw error;
    }
  }

  #keep(account: string, token: string, lifeMs: number): void {
    const nowMs = this.#clock.monotonic();
    this.#kept.delete(account);
    bounded(this.#kept);
    this.#kept.set(account, {
      token,
      refreshAtMs: nowMs + lifeMs * REFRESH_SHARE,
      untilMs: nowMs + Math.max(lifeMs - MARGIN_MS, lifeMs / 2),
    });
  }
}

/** Makes room for one more: the oldest goes. */
function bounded(map: Map<string, unknown>): void {
  if (map.size < KEPT_MAX) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
