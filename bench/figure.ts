import { median } from "./percentile.ts";

/** Whose value it is: a column of the table. */
export const COLUMNS = ["gateway", "bun", "nginx"] as const;
export type Column = (typeof COLUMNS)[number];

/** One line of the report. */
export interface Figure {
  /** The same from run to run: what a stored result is compared by. */
  readonly id: string;
  /** Two spaces before it make it a detail of the line above. */
  readonly name: string;
  readonly unit: string;
  readonly digits?: number;
  readonly floor?: Floor;
  /** It grows with the processor time a machine needs for this; a rate falls with it. */
  readonly scalesWith?: Work;
  /** What each round came to; a column that was not measured is absent. */
  readonly values: Readonly<Partial<Record<Column, readonly number[]>>>;
}

/** What the gateway must reach, and what it aims at. */
export interface Floor {
  readonly sense: "at most" | "at least";
  readonly floor: number;
  readonly aim?: number;
  /** Also at most this many times the bare Bun proxy. */
  readonly timesBun?: number;
  /** Judged for this machine as well, by what the figure scales with. */
  readonly scales?: true;
}

/** What the bare Bun proxy is measured at, as a yardstick of the machine. */
export const WORKS = ["chat call", "streamed chunk"] as const;
export type Work = (typeof WORKS)[number];

/** What the bare Bun proxy cost in a run, microseconds, as far as that was measured. */
export type Yardsticks = Readonly<Partial<Record<Work, number>>>;

/** Taken from the first figure of each kind of work that the proxy has as well. */
export function yardsticksOf(figures: readonly Figure[]): Yardsticks {
  const found: Partial<Record<Work, number>> = {};
  for (const work of WORKS) {
    const figure = figures.find((each) => each.scalesWith === work && each.unit === "µs" && each.values.bun);
    const us = median(figure?.values.bun ?? []);
    if (us !== undefined) found[work] = us;
  }
  return found;
}

/** Lines that share their rounds. */
export interface Row<Result> extends Omit<Figure, "values"> {
  readonly value: (result: Result) => number;
}

/** The lines made of what each column measured, round by round. */
export function figuresOf<Result>(
  rows: readonly Row<Result>[],
  rounds: Readonly<Partial<Record<Column, readonly Result[]>>>,
): Figure[] {
  return rows.map(({ value, ...about }) => {
    const measured = COLUMNS.flatMap((column) => {
      const results = rounds[column];
      return results ? [[column, results.map(value)] as const] : [];
    });
    return { ...about, values: Object.fromEntries(measured) };
  });
}
