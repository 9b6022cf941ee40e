import { type Budget, type BudgetLimits, type Measure, type MeasureName, MEASURES } from "../core/budget.ts";

/** What nodes hold that nobody hears of any more: it may have been spent, and does not come back by itself. */
export interface Away extends Measure {
  /** Who they are. */
  readonly nodeIds: readonly string[];
}

/** How a budget stands in its running window. */
export interface Standing {
  readonly spent: Measure;
  /** Set aside for requests in flight. */
  readonly held: Measure;
  /** Beside that; absent where there is nothing. */
  readonly away?: Away;
}

const NONE: Away = Object.freeze({ pico: 0n, tokens: 0, requests: 0, nodeIds: [] });
const FITS = Object.freeze({ fit: "fits" });

/**
 * - `fits`: what is asked for can be set aside
 * - `reserved`: it could, were it not for requests in flight
 * - `exceeded`: it could not, whatever becomes of those
 *
 * What lost nodes hold counts as spent here: nobody need wait for it.
 */
export type Fit = "fits" | "reserved" | "exceeded";

/** Whether a budget with these limits can set aside what a request needs, and which limit speaks against it. */
export function fitOf(
  limits: BudgetLimits,
  { spent, held, away = NONE }: Standing,
  need: Measure,
): { readonly fit: Fit; readonly limit?: MeasureName } {
  let reserved: MeasureName | undefined;
  for (const name of MEASURES) {
    const limit = limits[name];
    if (limit === undefined) continue;
    const settled = BigInt(spent[name]) + BigInt(away[name]) + BigInt(need[name]);
    if (settled > BigInt(limit)) return { fit: "exceeded", limit: name };
    if (settled + BigInt(held[name]) > BigInt(limit)) reserved ??= name;
  }
  return reserved === undefined ? FITS : { fit: "reserved", limit: reserved };
}

/** What can still be set aside: of each limit what is neither spent nor held by anybody, never below 0. */
export function roomOf(limits: BudgetLimits, { spent, held, away = NONE }: Standing): BudgetLimits {
  const room: { -readonly [Name in MeasureName]?: Measure[Name] } = {};
  if (limits.pico !== undefined) {
    const left = limits.pico - spent.pico - held.pico - away.pico;
    room.pico = left > 0n ? left : 0n;
  }
  for (const name of ["tokens", "requests"] as const) {
    const limit = limits[name];
    if (limit !== undefined) room[name] = Math.max(0, limit - spent[name] - held[name] - away[name]);
  }
  return room;
}

/** How much of its tightest limit is used: 1 = all of it. For people and throttles, not for verdicts. */
export function shareUsed(limits: BudgetLimits, used: Measure): number {
  let highest = 0;
  for (const name of MEASURES) {
    const limit = limits[name];
    if (limit === undefined) continue;
    highest = Math.max(highest, Number(limit) === 0 ? 1 : Number(used[name]) / Number(limit));
  }
  return highest;
}

/** Whether what is spent has come to a share (in ten-thousandths) of one of the limits. */
export function hasReached(limits: BudgetLimits, spent: Measure, tenThousandths: number): boolean {
  return MEASURES.some((name) => {
    const limit = limits[name];
    return limit !== undefined && BigInt(spent[name]) * 10_000n >= BigInt(limit) * BigInt(tenThousandths);
  });
}

/** `arming`: not all is counted, or held, yet; `soft_limit`: nearly used up; `hard_limit`: nothing left. */
export type BudgetState = "arming" | "ok" | "soft_limit" | "hard_limit";

export function stateOf({ armedAt, rearmingAt, limits, softLimit }: Budget, spent: Measure): BudgetState {
  if (armedAt === undefined || rearmingAt !== undefined) return "arming";
  if (hasReached(limits, spent, 10_000)) return "hard_limit";
  return hasReached(limits, spent, softLimit) ? "soft_limit" : "ok";
}
