/** By what usage is grouped; each is a filter too. */
export const GROUPS = ["model", "user", "tenant", "api_key", "backend"] as const;
export type Group = (typeof GROUPS)[number];

/** What the API calls the filter of a group. */
export const FILTER_OF = {
  model: "model",
  user: "user_id",
  tenant: "tenant_id",
  api_key: "api_key_id",
  backend: "backend_id",
} as const satisfies Readonly<Record<Group, keyof UsageFilter>>;

/** Which usage. Absent fields do not narrow. */
export interface UsageFilter {
  readonly tenant_id?: string | undefined;
  readonly user_id?: string | undefined;
  readonly model?: string | undefined;
  readonly api_key_id?: string | undefined;
  readonly backend_id?: string | undefined;
  readonly status?: string | undefined;
}

/** What a report is about, as its address says it. */
export interface UsageQuestion {
  /** The running one. Without it, days are given. */
  readonly period: string;
  /** The first and the last day, both included, in the report's own calendar. */
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly groupBy: string;
  readonly filter: UsageFilter;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Up to so many days a chart by the hour can be read. */
const HOURLY_DAYS_MAX = 2;

/** Whether the days of a question are given, rather than a running period. */
export function hasDays({ start, end }: Pick<UsageQuestion, "start" | "end">): boolean {
  return start !== undefined || end !== undefined;
}

/** The day after. What is no day stays as it is: the gateway says so. */
export function dayAfter(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : new Date(at + DAY_MS).toISOString().slice(0, 10);
}

/** The day that an instant belongs to in a time zone: `2026-11-30`. */
export function dayIn(timeZone: string, iso: string): string {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(new Date(iso));
  const part = (name: string): string => parts.find(({ type }) => type === name)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

export type Unit = "day" | "hour";

/** How finely a chart is drawn. */
export function unitOf({ period, start, end }: Omit<UsageQuestion, "groupBy" | "filter">): Unit {
  if (!hasDays({ start, end })) return period === "hour" || period === "day" ? "hour" : "day";
  if (start === undefined || end === undefined) return "day";
  const days = (Date.parse(`${end}T00:00:00Z`) - Date.parse(`${start}T00:00:00Z`)) / DAY_MS + 1;
  return days <= HOURLY_DAYS_MAX ? "hour" : "day";
}

/** From when to when, and in whose calendar. Instants. */
export interface Range {
  readonly startsAt: string;
  readonly endsAt: string;
  readonly timeZone: string;
}

/** The last instant of a range: its end is of the next one. */
export function lastInstant({ startsAt, endsAt }: Range): string {
  return new Date(Math.max(Date.parse(startsAt), Date.parse(endsAt) - 1)).toISOString();
}

/** How many days or hours a chart has. Days may have 23 or 25 hours. */
export function slotCount(unit: Unit, range: Range): number {
  const last = lastInstant(range);
  const label = unit === "day" ? dayIn(range.timeZone, last) : last;
  return slotOf(unit, label, range) + 1;
}

/** Which place of a chart a day (`2026-11-30`) or an hour (its instant) of the API has, counted from 0. */
export function slotOf(unit: Unit, label: string, { startsAt, timeZone }: Range): number {
  if (unit === "hour") return Math.max(0, Math.floor((Date.parse(label) - Date.parse(startsAt)) / HOUR_MS));
  return Math.round((utc(label) - utc(dayIn(timeZone, startsAt))) / DAY_MS);
}

function utc(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}
