import type { LimitedScope } from "./limiter.ts";
import { Shares } from "./shares.ts";

/**
 * How many requests each scope has in flight, over several levels, all or none. A scope is counted from the moment
 * it has a limit: requests let in before are not part of it.
 */
export class Concurrency {
  readonly #counts = new Map<string, number>();
  /** This node's part of each limit, where several nodes keep them. */
  readonly shares = new Shares((scopeId) => this.countOf(scopeId));

  /** Scopes that have requests in flight: for metrics and tests. */
  get size(): number {
    return this.#counts.size;
  }

  /** Requests of one scope in flight. */
  countOf(scopeId: string): number {
    return this.#counts.get(scopeId) ?? 0;
  }

  /** Counts one request at every scope, or at none: then the scope that has no room. */
  enter(scopes: readonly LimitedScope[]): LimitedScope | undefined {
    for (const scope of scopes) {
      if (scope.limit === 0) continue;
      const share = this.shares.of(scope);
      const count = this.countOf(scope.scopeId);
      if (this.shares.areShared && count * 2 >= share) this.shares.pressOn(scope, count >= share ? 1 : 0);
      if (count >= share) return scope;
    }
    for (const { scopeId } of scopes) this.#counts.set(scopeId, this.countOf(scopeId) + 1);
    return undefined;
  }

  /** Takes one request out of the same scopes; to be called once for each that entered. */
  leave(scopes: readonly LimitedScope[]): void {
    for (const { scopeId } of scopes) {
      const rest = this.countOf(scopeId) - 1;
      if (rest > 0) this.#counts.set(scopeId, rest);
      else this.#counts.delete(scopeId);
    }
  }
}
