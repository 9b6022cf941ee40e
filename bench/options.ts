import { join } from "node:path";
import { parseArgs } from "node:util";
import { SECTION_NAMES, USUAL_SECTIONS } from "./sections/sections.ts";
import type { SectionName } from "./sections/sections.ts";

/** Where the result that belongs to the repository lies. */
const STORED = join(import.meta.dir, "results/latest.json");

/** What the command line asks for. */
export interface Options {
  readonly only: readonly SectionName[];
  readonly rounds: number;
  /** Of measuring, per figure and program. */
  readonly seconds: number;
  /** The compiled gateway. */
  readonly executable: string | undefined;
  /** A data folder for ten million records, kept for the next run. */
  readonly data: string | undefined;
  /** Where to write the result, and which one to compare with. */
  readonly save: string | undefined;
  readonly compare: string | undefined;
}

/** Reads the arguments. Throws with what is wrong and what there is. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: withDefaults(args),
    options: {
      only: { type: "string", default: USUAL_SECTIONS.join(",") },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "6" },
      executable: { type: "string" },
      data: { type: "string" },
      save: { type: "string" },
      compare: { type: "string" },
    },
  });
  return {
    only: sections(values.only),
    rounds: Math.round(number("rounds", values.rounds)),
    seconds: number("seconds", values.seconds),
    executable: values.executable,
    data: values.data,
    save: stored(values.save),
    compare: stored(values.compare),
  };
}

/** `--save` and `--compare` may stand alone. */
function withDefaults(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    const next = args[i + 1];
    const isAlone =
      (arg === "--save" || arg === "--compare") && (next === undefined || next.startsWith("--"));
    return isAlone ? [arg, "default"] : [arg];
  });
}

function stored(file: string | undefined): string | undefined {
  return file === "default" ? STORED : file;
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (value >= 1 && value <= 600) return value;
  throw new Error(`--${name} takes a number from 1 to 600, not "${text}"`);
}

function sections(text: string): SectionName[] {
  const wanted = text.split(",");
  const unknown = wanted.find((name) => !SECTION_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new Error(`--only takes ${SECTION_NAMES.join(", ")}, not "${unknown}"`);
  return SECTION_NAMES.filter((name) => wanted.includes(name));
}
