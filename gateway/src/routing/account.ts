import { RollingWindow } from "../base/rolling-window.ts";
import type { AccountLimits } from "../core/catalogue.ts";

/**
 * The part of an account that is kept for tenants which have had less than an equal share of it: one that comes all at
 * once leaves that much to the others.
 */
const KEPT = 0.2;
/** Tenants that are remembered before those without any use are forgotten. */
const TENANTS_SWEPT = 1_000;

type Measure = "requests" | "tokens";

/** What somebody has used in the last minute. */
class Use {
  readonly #windows: Record<Measure, RollingWindow | undefined> = { requests: undefined, tokens: undefined };

  add(measure: Measure, amount: number, nowMs: number): void {
    (this.#windows[measure] ??= new RollingWindow(nowMs)).add(nowMs, amount);
  }

  waitMs(measure: Measure, limit: number, nowMs: number): number {
    return this.#windows[measure]?.msUntilBelow(limit, nowMs) ?? 0;
  }

  isAny(nowMs: number): boolean {
    const { requests, tokens } = this.#windows;
    return (requests?.countAt(nowMs) ?? 0) > 0 || (tokens?.countAt(nowMs) ?? 0) > 0;
  }
}

/** What has gone to the account behind one backend, on this node. */
export class AccountUse {
  readonly #all = new Use();
  readonly #byTenant = new Map<string, Use>();
  /** Tenants with any use, as of a second. */
  #active = { second: -1, tenants: 0 };

  /**
   * Milliseconds until the account takes one more request; 0 = it does so now. With a tenant: of theirs, where others
   * are to have their share.
   */
  waitMs({ rpm, tpm }: AccountLimits, nowMs: number, tenantId?: string): number {
    const requestsMs = rpm === undefined ? 0 : this.#waitMs("requests", rpm, nowMs, tenantId);
    const tokensMs = tpm === undefined ? 0 : this.#waitMs("tokens", tpm, nowMs, tenantId);
    return Math.max(requestsMs, tokensMs);
  }

  /** Counts a request with the tokens of its prompt; what it takes beyond them is not known yet. */
  sent(promptTokens: number, nowMs: number, tenantId: string): void {
    this.#all.add("requests", 1, nowMs);
    this.#of(tenantId, nowMs).add("requests", 1, nowMs);
    this.used(promptTokens, nowMs, tenantId);
  }

  /** Counts tokens that have turned out to be used. */
  used(tokens: number, nowMs: number, tenantId: string): void {
    if (tokens <= 0) return;
    this.#all.add("tokens", tokens, nowMs);
    this.#of(tenantId, nowMs).add("tokens", tokens, nowMs);
  }

  #waitMs(measure: Measure, limit: number, nowMs: number, tenantId: string | undefined): number {
    const allMs = this.#all.waitMs(measure, limit, nowMs);
    if (tenantId === undefined) return allMs;
    const openMs = this.#all.waitMs(measure, atLeastOne(limit * (1 - KEPT)), nowMs);
    if (openMs === 0) return allMs;
    const own = this.#byTenant.get(tenantId);
    if (own === undefined) return allMs;
    // Whoever comes next has a share as well.
    const share = atLeastOne(limit / (this.#activeAt(nowMs) + 1));
    return Math.max(allMs, Math.min(openMs, own.waitMs(measure, share, nowMs)));
  }

  #activeAt(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    if (this.#active.second !== second) {
      let tenants = 0;
      for (const use of this.#byTenant.values()) if (use.isAny(nowMs)) tenants++;
      this.#active = { second, tenants };
    }
    return this.#active.tenants;
  }

  #of(tenantId: string, nowMs: number): Use {
    const known = this.#byTenant.get(tenantId);
    if (known !== undefined) return known;
    if (this.#byTenant.size >= TENANTS_SWEPT) {
      for (const [id, use] of this.#byTenant) if (!use.isAny(nowMs)) this.#byTenant.delete(id);
    }
    const fresh = new Use();
    this.#byTenant.set(tenantId, fresh);
    // It counts from its first request on.
    this.#active.second = -1;
    return fresh;
  }
}

function atLeastOne(limit: number): number {
  return Math.max(1, Math.floor(limit));
}
