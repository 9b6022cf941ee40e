import { availableParallelism, cpus } from "node:os";
import { WORKS } from "./figure.ts";
import type { Work, Yardsticks } from "./figure.ts";

/**
 * Microseconds that the bare Bun proxy took on the machine on which the floors were set, the middle of what was
 * measured there: 16 to 18 a chat call, 8 to 9 a streamed chunk.
 */
const REFERENCE_US: Readonly<Record<Work, number>> = { "chat call": 17, "streamed chunk": 8.5 };

/** What a result was measured on. */
export interface Machine {
  readonly processors: string;
  readonly system: string;
  readonly bun: string;
}

/** This machine, without its name. */
export function thisMachine(): Machine {
  return {
    processors: `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}`,
    system: `${process.platform}, ${process.arch}`,
    bun: Bun.version,
  };
}

/** By how much a machine is slower than the one on which the floors were set, as far as that was measured. */
export type Factors = Readonly<Partial<Record<Work, number>>>;

/** Taken from what the bare Bun proxy cost in the same run. */
export function factorsOf(yardsticks: Yardsticks): Factors {
  const factors: Partial<Record<Work, number>> = {};
  for (const work of WORKS) {
    const us = yardsticks[work];
    if (us !== undefined) factors[work] = us / REFERENCE_US[work];
  }
  return factors;
}

/** The factors in words; empty where none was measured. */
export function factorText(factors: Factors): string {
  const parts = Object.entries(factors).map(([work, factor]) => `${factor.toFixed(2)} per ${work}`);
  if (parts.length === 0) return "";
  return `For this machine: floors times the bare Bun proxy here / where they were set, ${parts.join(", ")}.`;
}
