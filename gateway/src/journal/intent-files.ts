import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";

/** The numbers of a log's files that are there, rising; they are named `BASE-1` and so on. Throws the system's error. */
export function numbersOf(base: string): number[] {
  const prefix = `${basename(base)}-`;
  return readdirSync(dirname(base))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/**
 * The lines of one of them, whole ones alone: one without its end was never promised to anyone. Nor was what a power
 * cut left as zeros: it was not synced yet. Throws the system's error.
 */
export function linesOf(path: string): string[] {
  const bytes = readFileSync(path);
  const zero = bytes.indexOf(0);
  const text = bytes.toString("utf8", 0, zero === -1 ? bytes.length : zero);
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "");
}
