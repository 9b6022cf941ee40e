import { median } from "./percentile.ts";
import type { Column, Figure, Floor } from "./figure.ts";
import type { Factors } from "./machine.ts";

const HEAD = [
  "figure",
  "gateway",
  "bare Bun proxy",
  "nginx",
  "ratio",
  "floor",
  "verdict",
  "for this machine",
];
/** Below this the load was the limit, not the program. */
const BUSY_PERCENT_MIN = 90;
const RATE = "chat.rate";
const BUSY = "chat.busy";

/** A table as text: the first column to the left, the others to the right. */
export function tabulate(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const rows = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...lines.map(line)].join("\n");
}

/** The report's table. */
export function table(figures: readonly Figure[], factors: Factors): string {
  return tabulate(
    HEAD,
    figures.map((figure) => row(figure, factors)),
  );
}

/** A value with its unit; a dash for none. */
export function valueText(value: number | undefined, { unit, digits = 0 }: Figure): string {
  return value === undefined ? "-" : `${value.toFixed(digits)} ${unit}`.trimEnd();
}

function row(figure: Figure, factors: Factors): string[] {
  const { values, floor } = figure;
  const [gateway, bun, nginx] = [middle(figure, "gateway"), middle(figure, "bun"), middle(figure, "nginx")];
  const factor = floor?.scales && figure.scalesWith && factors[figure.scalesWith];
  return [
    figure.name,
    valueText(gateway, figure),
    valueText(bun, figure),
    valueText(nginx, figure),
    [ratio(gateway, bun), ratio(gateway, nginx)].filter((text) => text !== "").join(" / ") || "-",
    floor ? floorText(floor) : "-",
    floor && values.gateway ? verdict(floor, gateway, bun) : "-",
    floor && factor !== undefined && values.gateway ? verdict(scaled(floor, factor), gateway, bun) : "-",
  ];
}

function middle({ values }: Figure, column: Column): number | undefined {
  return median(values[column] ?? []);
}

function ratio(value: number | undefined, reference: number | undefined): string {
  // A difference may be below nothing: it has no ratio.
  if (value === undefined || reference === undefined || value <= 0 || reference <= 0) return "";
  return `${(value / reference).toFixed(2)} ×`;
}

function floorText({ sense, floor, aim, timesBun }: Floor): string {
  const numbers = aim === undefined ? `${floor}` : `${floor}, aim ${aim}`;
  return `${sense} ${numbers}${timesBun === undefined ? "" : `, ${timesBun} × Bun`}`;
}

/** What the floor would be on a machine that takes `factor` times as long. */
export function scaled(floor: Floor, factor: number): Floor {
  const { sense, aim } = floor;
  const onThis = (limit: number) => (sense === "at most" ? limit * factor : limit / factor);
  return { ...floor, floor: onThis(floor.floor), ...(aim !== undefined && { aim: onThis(aim) }) };
}

/** Whether a value reaches its floor and its aim. */
export function verdict(
  { sense, floor, aim, timesBun }: Floor,
  gateway: number | undefined,
  bun: number | undefined,
): string {
  if (gateway === undefined) return "-";
  const reaches = (limit: number) => (sense === "at most" ? gateway <= limit : gateway >= limit);
  if (!reaches(floor)) return "misses the floor";
  if (timesBun !== undefined && bun !== undefined && gateway > bun * timesBun) return "misses the ratio";
  return aim !== undefined && reaches(aim) ? "aim reached" : "floor reached";
}

/** Says of whom the load asked less than they could do: their rates are lower bounds. */
export function loadNotes(figures: readonly Figure[]): string[] {
  const busy = figures.find(({ id }) => id === BUSY);
  if (!busy || !figures.some(({ id }) => id === RATE)) return [];
  return (["gateway", "bun", "nginx"] as const).flatMap((column) => {
    const percent = middle(busy, column);
    if (percent === undefined || percent >= BUSY_PERCENT_MIN) return [];
    return [
      `Calls per second, ${column}: the load was the limit, or something else on its core (${percent.toFixed(0)} % busy): a lower bound.`,
    ];
  });
}
