import { z } from "zod";
import type { Output } from "./output.ts";
import { tableOf } from "./table.ts";

/** Any object of the API, as it was answered. */
export const anyItem = z.record(z.string(), z.unknown());
export type Item = z.infer<typeof anyItem>;

/** A heading, and the field under it or what to make of the item. */
export type Column = readonly [heading: string, from: string | ((item: Item) => string)];

/** The option that every command with something to print has. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Prints a list: a table for people, everything there is as JSON. */
export function printItems(
  items: readonly Item[],
  columns: readonly Column[],
  { json }: JsonOption,
  output: Output,
): void {
  if (json === true) {
    output.data(JSON.stringify(items));
    return;
  }
  const rows = items.map((item) =>
    columns.map(([, from]) => (typeof from === "string" ? textOf(item[from]) : from(item))),
  );
  output.data(tableOf([columns.map(([heading]) => heading), ...rows]));
}

/** A field as a table shows it. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null || value === "") return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(textOf).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The options as they are typed, by the fields of a query that they fill: for what is refused of it. */
export function flagsOf(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return inQuery(Object.fromEntries(Object.entries(names).map(([option, field]) => [field, flagOf(option)])));
}

/** The names of fields, as a refusal of a query gives them. */
export function inQuery(names: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(names).map(([field, name]) => [`query.${field}`, name]));
}

/** `cachedRead` as it is typed. */
function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}

/** The options that were given, under the names the API has for them. */
export function fieldsOf(
  options: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const given = Object.entries(names).filter(([option]) => options[option] !== undefined);
  return Object.fromEntries(given.map(([option, field]) => [field, options[option]]));
}
