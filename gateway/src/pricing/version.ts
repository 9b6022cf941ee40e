import type { PriceVersion } from "../core/catalogue.ts";

/**
 * The version in force at `nowMs` (epoch milliseconds): the latest that has begun; of two that begin together, the
 * one made later (ids sort by time). Undefined before the first begins: not priced yet; and where that one cannot be
 * read: the one before it has ended.
 */
export function inForce(versions: readonly PriceVersion[], nowMs: number): PriceVersion | undefined {
  const latest = latestOf(versions, nowMs);
  return latest?.isUnreadable === true ? undefined : latest;
}

/** Whether the one that would be in force cannot be read: damage, where nobody has decided that nothing is paid. */
export function isSpoilt(versions: readonly PriceVersion[], nowMs: number): boolean {
  return latestOf(versions, nowMs)?.isUnreadable === true;
}

function latestOf(versions: readonly PriceVersion[], nowMs: number): PriceVersion | undefined {
  let best: PriceVersion | undefined;
  for (const version of versions) {
    if (version.effectiveFrom > nowMs) continue;
    if (best === undefined || isLater(version, best)) best = version;
  }
  return best;
}

function isLater(one: PriceVersion, other: PriceVersion): boolean {
  if (one.effectiveFrom !== other.effectiveFrom) return one.effectiveFrom > other.effectiveFrom;
  return one.id > other.id;
}
