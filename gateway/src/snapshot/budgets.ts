import type { Payer } from "../core/accounting.ts";
import type { Budget } from "../core/budget.ts";

/** One change to the budgets. */
export interface BudgetDelta {
  readonly kind: "budget";
  readonly id: string;
  readonly value: Budget | undefined;
}

const NONE: readonly Budget[] = [];
/** Keys that have taken one another's place; more are not looked through. */
const LINE_MAX = 100;

/** Which budgets are over whom. */
export class Budgets {
  readonly #budgets = new Map<string, Budget>();
  readonly #byScope = new Map<string, readonly Budget[]>();

  byId(id: string): Budget | undefined {
    return this.#budgets.get(id);
  }

  all(): Iterable<Budget> {
    return this.#budgets.values();
  }

  of(scopeId: string): readonly Budget[] {
    return this.#byScope.get(scopeId) ?? NONE;
  }

  /**
   * Every budget over a request, the nearest first. `replacedBy` tells which key a key has taken the place of: what one
   * was given to spend, its successors share.
   */
  over(
    payer: Payer,
    groupIds: Iterable<string>,
    replacedBy: (keyId: string) => string | undefined,
  ): readonly Budget[] {
    if (this.#budgets.size === 0) return NONE;
    const found: Budget[] = [];
    let keyId: string | undefined = payer.keyId;
    for (let keys = 0; keyId !== undefined && keys < LINE_MAX; keys++) {
      this.#collect(keyId, found);
      keyId = replacedBy(keyId);
    }
    this.#collect(payer.userId, found);
    for (const groupId of groupIds) this.#collect(groupId, found);
    this.#collect(payer.tenantId, found);
    this.#collect(payer.partnerId, found);
    return found;
  }

  #collect(scopeId: string, into: Budget[]): void {
    const budgets = this.#byScope.get(scopeId);
    if (budgets !== undefined) for (const budget of budgets) into.push(budget);
  }

  apply({ id, value }: BudgetDelta): void {
    const former = this.#budgets.get(id);
    if (former !== undefined)
      this.#index(
        former.scopeId,
        this.of(former.scopeId).filter((b) => b.id !== id),
      );
    if (value === undefined) {
      this.#budgets.delete(id);
      return;
    }
    this.#budgets.set(id, value);
    this.#index(value.scopeId, [...this.of(value.scopeId), value]);
  }

  #index(scopeId: string, budgets: readonly Budget[]): void {
    if (budgets.length === 0) this.#byScope.delete(scopeId);
    else this.#byScope.set(scopeId, budgets);
  }
}
