import type { Flag } from "./schema.ts";

/** A boolean as both engines keep it. */
export function flag(value: boolean): Flag {
  return value ? 1n : 0n;
}

/** An optional number as a column: integers only. */
export function optionalInteger(value: number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
}

/** A duration of fractional milliseconds as whole ones. */
export function wholeMs(value: number): bigint {
  return BigInt(Math.round(value));
}

/** JSON text this program wrote itself into a column of that meaning: parsed, not validated again. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

/** The fields that are not null: optional fields of the domain are absent, never null or undefined. */
export function present<T extends Record<string, unknown>>(fields: T): Present<T> {
  const kept: Present<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== null && value !== undefined) kept[key] = value as Present<T>[typeof key];
  }
  return kept;
}

/** A nullable integer column as a number. */
export function optionalNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
