import { ANY_MODEL, type PriceEntry } from "../core/price-book.ts";

/** The price book of one partner or one tenant. */
export interface Book {
  /** Entries of a model, or of `*`; those that end others are in `endedAt` alone. */
  readonly entries: ReadonlyMap<string, readonly PriceEntry[]>;
  /** Epoch milliseconds at which an entry was ended by another, by its id. */
  readonly endedAt: ReadonlyMap<string, number>;
}

/**
 * The entry in force for a model at `nowMs`: its own before that of `*`; of several the latest that has begun, and of two
 * that begin together the one made later. Where that one ends, the one before it is in force again.
 */
export function entryFor(book: Book | undefined, modelId: string, nowMs: number): PriceEntry | undefined {
  return book && (latestOf(book, modelId, nowMs) ?? latestOf(book, ANY_MODEL, nowMs));
}

/** Until when, epoch milliseconds, that is so as things stand. */
export function nextChangeOf(book: Book | undefined, modelId: string, nowMs: number): number {
  let next = Number.POSITIVE_INFINITY;
  if (!book) return next;
  for (const model of [modelId, ANY_MODEL]) {
    for (const entry of book.entries.get(model) ?? []) {
      const end = endOf(entry, book);
      // One that ends before it begins is never in force.
      if (end <= entry.effectiveFrom) continue;
      for (const at of [entry.effectiveFrom, end]) if (at > nowMs && at < next) next = at;
    }
  }
  return next;
}

/** When an entry ends, epoch milliseconds; infinity where it does not. */
export function endOf({ id, effectiveUntil }: PriceEntry, { endedAt }: Pick<Book, "endedAt">): number {
  const [stated = Number.POSITIVE_INFINITY, ended = Number.POSITIVE_INFINITY] = [
    effectiveUntil,
    endedAt.get(id),
  ];
  return Math.min(stated, ended);
}

/** The one in force of those for a model itself, or for `*` itself. */
export function latestOf(book: Book, model: string, nowMs: number): PriceEntry | undefined {
  let best: PriceEntry | undefined;
  for (const entry of book.entries.get(model) ?? []) {
    if (entry.effectiveFrom > nowMs || endOf(entry, book) <= nowMs) continue;
    if (best === undefined || isLater(entry, best)) best = entry;
  }
  return best;
}

function isLater(one: PriceEntry, other: PriceEntry): boolean {
  if (one.effectiveFrom !== other.effectiveFrom) return one.effectiveFrom > other.effectiveFrom;
  return one.id > other.id;
}
