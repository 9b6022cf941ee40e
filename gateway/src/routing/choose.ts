import { hash32, mix32 } from "../base/hash.ts";
import type { Strategy } from "../core/catalogue.ts";

/** Values of a 32-bit number. */
const CHANCES = 0x1_0000_0000;

/** What a strategy looks at in one of the backends of a priority. */
export interface Option {
  readonly weight: number;
  /** Of the backend's id. */
  readonly idHash: number;
  /** Calls in flight on this node. */
  busy(): number;
  /** Milliseconds to the first content of calls of this form; undefined where nobody knows. */
  latencyMs(form: "stream" | "whole", nowMs: number): number | undefined;
}

/** By what one of several is chosen. */
export interface Question {
  readonly strategy: Strategy;
  /** Of whom the backend is to stick to; undefined where nobody. */
  readonly stickyHash: number | undefined;
  readonly form: "stream" | "whole";
  readonly nowMs: number;
  /** A number in [0, 1). */
  readonly random: number;
}

/**
 * One of the backends of a priority, among those that are open to the request. The options are in the policy's order:
 * heavier first. Undefined when none is open.
 */
export function choose<O extends Option>(
  options: readonly O[],
  question: Question,
  isOpen: (option: O) => boolean,
): O | undefined {
  const { strategy, stickyHash, random } = question;
  if (options.length === 1 || strategy === "priority") return options.find(isOpen);
  if (stickyHash !== undefined) {
    return least(options, isOpen, (option) => distance(option, stickyHash), random);
  }
  switch (strategy) {
    case "weighted":
      return drawn(options, isOpen, random);
    case "least_busy":
      return least(options, isOpen, load, random);
    case "latency":
      return least(options, isOpen, (option) => expectedMs(option, question), random);
  }
}

/** By weight; one of weight 0 only when there is nothing else. */
function drawn<O extends Option>(
  options: readonly O[],
  isOpen: (option: O) => boolean,
  random: number,
): O | undefined {
  let total = 0;
  let last: O | undefined;
  for (const option of options) {
    if (!isOpen(option)) continue;
    total += option.weight;
    if (last === undefined || option.weight > 0) last = option;
  }
  let rest = random * total;
  for (const option of options) {
    if (option.weight === 0 || !isOpen(option)) continue;
    rest -= option.weight;
    if (rest < 0) return option;
  }
  return last;
}

/** The one of the lowest score; of several alike, one by chance. */
function least<O extends Option>(
  options: readonly O[],
  isOpen: (option: O) => boolean,
  scoreOf: (option: O) => number,
  random: number,
): O | undefined {
  let best: O | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  let alike = 0;
  let chance = Math.floor(random * CHANCES);
  for (const option of options) {
    if (!isOpen(option)) continue;
    const score = scoreOf(option);
    if (best === undefined || score < lowest) {
      best = option;
      lowest = score;
      alike = 1;
    } else if (score === lowest) {
      // The n-th of those alike takes the place of what was taken before with probability 1/n: no list of them is made.
      chance = mix32(chance + ++alike);
      if (chance < CHANCES / alike) best = option;
    }
  }
  return best;
}

/** Calls for each part of its weight; one of weight 0 comes last. */
function load(option: Option): number {
  return option.weight === 0 ? Number.POSITIVE_INFINITY : option.busy() / option.weight;
}

/** One of which nothing is known is tried first, by one call at a time: otherwise nobody would ever know. */
function expectedMs(option: Option, { form, nowMs }: Question): number {
  if (option.weight === 0) return Number.POSITIVE_INFINITY;
  const knownMs = option.latencyMs(form, nowMs);
  if (knownMs !== undefined) return knownMs;
  return option.busy() === 0 ? -1 : Number.MAX_VALUE;
}

/**
 * Weighted rendezvous hashing: everybody has an order of the backends of his own, in proportion to their weights and the
 * same on every node; when one goes, only those who were with it move.
 */
function distance({ weight, idHash }: Option, stickyHash: number): number {
  if (weight === 0) return Number.POSITIVE_INFINITY;
  const share = (mix32(stickyHash ^ idHash) + 0.5) / CHANCES;
  return -Math.log(share) / weight;
}

/** By what somebody sticks to a backend: the caller, and whom or what they say the request is for. */
export function stickyHashOf(userId: string, named: string | undefined): number {
  return hash32(`${userId} ${named ?? ""}`);
}
