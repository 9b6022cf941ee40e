import { dearest } from "./dearest.ts";
import { markedUp } from "./mark-up.ts";
import type { Tiered } from "./tiers.ts";

/*
 * A price that is made of several rows goes by their ids: `price_A+entry_B|price_C` is version A, raised by the mark-up
 * B, but in no bucket less than C; `|price_C` is nothing, but no less than C. Rows are never changed, so that a name means the same amounts for good: whoever
 * settles a request after a crash rates it as whoever admitted it.
 */
const RAISED = "+";
const AT_LEAST = "|";

/** A row that a name is made of. */
export type PriceRow = Tiered | { readonly ppm: number };

/** A price raised by a mark-up. */
export function raisedBy(name: string, entryId: string): string {
  return `${name}${RAISED}${entryId}`;
}

/** A price that is in no bucket less than another; undefined = nothing. */
export function atLeast(name: string | undefined, floor: string | undefined): string | undefined {
  return floor === undefined || name === floor ? name : `${name ?? ""}${AT_LEAST}${floor}`;
}

/** Of which rows a price is made: those it is raised by in their order, and the price it is at least. */
export interface PriceParts {
  /** Absent: nothing. */
  readonly base?: string;
  readonly raisedBy: readonly string[];
  readonly floor?: string;
}

/** Takes a name apart. */
export function partsOfName(name: string): PriceParts {
  const [price = "", floor] = name.split(AT_LEAST);
  const [base = "", ...mark] = price.split(RAISED);
  return { ...(base !== "" && { base }), raisedBy: mark, ...(floor !== undefined && { floor }) };
}

/** The price of a name; undefined where one of its rows is not there. */
export function priceOfName(name: string, rowOf: (id: string) => PriceRow | undefined): Tiered | undefined {
  const { base, raisedBy: marks, floor } = partsOfName(name);
  const least = floor === undefined ? undefined : tiered(rowOf(floor));
  if (base === undefined) return least;
  let price = tiered(rowOf(base));
  for (const id of marks) {
    const mark = rowOf(id);
    if (!price || !mark || !("ppm" in mark)) return undefined;
    price = markedUp(price, mark.ppm);
  }
  if (floor === undefined) return price;
  return price && least && dearest([price, least]);
}

function tiered(row: PriceRow | undefined): Tiered | undefined {
  return row && !("ppm" in row) ? row : undefined;
}
