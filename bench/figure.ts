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
  /** It grows with the processor time a machine needs for this: judged for this machine as well. */
  readonly scalesWith?: Work;
}

/** What the bare Bun proxy is measured at, as a yardstick of the machine. */
export type Work = "chat call" | "streamed chunk";

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
