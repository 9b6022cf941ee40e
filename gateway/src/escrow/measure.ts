import type { Measure } from "../core/budget.ts";

export const NOTHING: Measure = Object.freeze({ pico: 0n, tokens: 0, requests: 0 });

export function plus(a: Measure, b: Measure): Measure {
  return { pico: a.pico + b.pico, tokens: a.tokens + b.tokens, requests: a.requests + b.requests };
}

/** Throws RangeError below zero: more was given back than was ever taken. */
export function minus(a: Measure, b: Measure): Measure {
  const left = { pico: a.pico - b.pico, tokens: a.tokens - b.tokens, requests: a.requests - b.requests };
  if (left.pico < 0n || left.tokens < 0 || left.requests < 0) {
    throw new RangeError("a budget would hold less than nothing");
  }
  return left;
}

/** The smaller of the two in each measure. */
export function least(a: Measure, b: Measure): Measure {
  return {
    pico: a.pico < b.pico ? a.pico : b.pico,
    tokens: Math.min(a.tokens, b.tokens),
    requests: Math.min(a.requests, b.requests),
  };
}

export function isNothing({ pico, tokens, requests }: Measure): boolean {
  return pico === 0n && tokens === 0 && requests === 0;
}
