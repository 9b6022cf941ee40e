/** One line of the table; undefined = not measured. */
export interface Figure {
  readonly name: string;
  readonly gateway: number | undefined;
  readonly bun: number | undefined;
  readonly nginx: number | undefined;
  readonly unit: string;
  readonly digits?: number;
  readonly floor?: Floor;
}

/** What the gateway must reach, and what it aims at. */
export interface Floor {
  readonly sense: "at most" | "at least";
  readonly floor: number;
  readonly aim?: number;
  /** Also at most this many times the bare Bun proxy. */
  readonly timesBun?: number;
}

const HEAD = ["figure", "gateway", "bare Bun proxy", "nginx", "ratio", "floor", "verdict"];

/** The middle one of some measurements (the lower of two middle ones); undefined of none. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/** The table as text. */
export function table(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ");
  return [line(HEAD), widths.map((width) => "-".repeat(width)).join("  "), ...rows.slice(1).map(line)].join(
    "\n",
  );
}

function row(figure: Figure): string[] {
  const { gateway, bun, nginx, unit, floor } = figure;
  const number = (value: number | undefined) =>
    value === undefined ? "-" : `${value.toFixed(figure.digits ?? 0)} ${unit}`;
  return [
    figure.name,
    number(gateway),
    number(bun),
    number(nginx),
    [ratio(gateway, bun), ratio(gateway, nginx)].filter((text) => text !== "").join(" / ") || "-",
    floor ? floorText(floor) : "-",
    floor ? verdict(figure, floor) : "-",
  ];
}

function ratio(value: number | undefined, reference: number | undefined): string {
  return value === undefined || !reference ? "" : `${(value / reference).toFixed(2)} ×`;
}

function floorText({ sense, floor, timesBun }: Floor): string {
  return `${sense} ${floor}${timesBun === undefined ? "" : `, ${timesBun} × Bun`}`;
}

function verdict({ gateway, bun }: Figure, { sense, floor, aim, timesBun }: Floor): string {
  if (gateway === undefined) return "-";
  const reaches = (limit: number) => (sense === "at most" ? gateway <= limit : gateway >= limit);
  if (!reaches(floor)) return "below the floor";
  if (timesBun !== undefined && bun !== undefined && gateway > bun * timesBun) return "below the floor";
  return aim !== undefined && reaches(aim) ? "aim reached" : "ok";
}
