import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Figure } from "./figure.ts";
import type { Machine } from "./machine.ts";

const FORMAT = 1;

/** A result that is kept. */
export interface Stored {
  readonly format: typeof FORMAT;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly machine: Machine;
  readonly seconds: number;
  readonly figures: readonly Figure[];
}

/** Writes a result, four significant digits of each value; makes the folder if need be. */
export async function save(file: string, result: Omit<Stored, "format">): Promise<void> {
  const short = (key: string, value: unknown) =>
    key !== "floor" && typeof value === "number" ? Number(value.toPrecision(4)) : value;
  await mkdir(dirname(file), { recursive: true });
  await Bun.write(file, `${JSON.stringify({ format: FORMAT, ...result }, short, 2)}\n`);
}

/** Reads a stored result. Throws with what to do when there is none, or none of this format. */
export async function load(file: string): Promise<Stored> {
  if (!(await Bun.file(file).exists()))
    throw new Error(`there is no result in ${file}: make one with --save ${file}`);
  const result: Stored = JSON.parse(await Bun.file(file).text());
  if (result.format === FORMAT && Array.isArray(result.figures)) return result;
  throw new Error(`${file} is no result of this benchmark: make one with --save ${file}`);
}
