import type { BudgetPart, BudgetPrice } from "./budget.ts";

/** The form in which parts lie in the journal and with the usage: JSON has no 64-bit integers. */
export interface StoredPart {
  readonly id: string;
  readonly price: BudgetPrice;
  readonly start: number;
  readonly end?: number | undefined;
  readonly pico: string;
  readonly tokens: number;
  readonly requests: number;
}

/** Parts as plain JSON values; undefined for none. */
export function storedParts(parts: readonly BudgetPart[] | undefined): readonly StoredPart[] | undefined {
  if (parts === undefined) return undefined;
  const stored: StoredPart[] = [];
  for (const { budgetId: id, price, window, pico, tokens, requests } of parts) {
    const { start, end } = window;
    stored.push({ id, price, start, end, pico: pico.toString(), tokens, requests });
  }
  return stored;
}

/** The parts that `storedParts` has put into words. */
export function partsOf(stored: readonly StoredPart[]): readonly BudgetPart[] {
  return stored.map(({ id, price, start, end, pico, tokens, requests }) => ({
    budgetId: id,
    price,
    window: end === undefined ? { start } : { start, end },
    pico: BigInt(pico),
    tokens,
    requests,
  }));
}
