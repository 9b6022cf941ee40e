import type { ApiKey } from "../../api/types.ts";
import { linesOf } from "../../lib/lines.ts";
import { LIMIT_NAMES } from "../limits/limits.ts";
import type { TypedLimits } from "../limits/limits.ts";

/** What a key is narrowed to, as a form holds it. Empty: no restriction. */
export interface TypedRestrictions {
  readonly models: string;
  readonly scopes: ReadonlySet<string>;
  readonly addresses: string;
  readonly limits: TypedLimits;
}

/** No restriction at all. */
export const UNRESTRICTED: TypedRestrictions = {
  models: "",
  scopes: new Set(),
  addresses: "",
  limits: { requests_per_minute: "", tokens_per_minute: "", concurrent_requests: "" },
};

/** The restrictions of a key, for a form to begin with. */
export function restrictionsOf(key: ApiKey): TypedRestrictions {
  const limit = (name: (typeof LIMIT_NAMES)[number]): string => String(key.rate_limits?.[name] ?? "");
  return {
    models: key.models?.join("\n") ?? "",
    scopes: new Set(key.scopes),
    addresses: key.allowed_ips?.join("\n") ?? "",
    limits: {
      requests_per_minute: limit("requests_per_minute"),
      tokens_per_minute: limit("tokens_per_minute"),
      concurrent_requests: limit("concurrent_requests"),
    },
  };
}

interface Restrictions {
  readonly models: readonly string[] | null;
  readonly scopes: readonly string[] | null;
  readonly allowed_ips: readonly string[] | null;
  readonly rate_limits: Readonly<Record<string, number>> | null;
}

/** Restrictions as the API takes them; null is none. */
function asked({ models, scopes, addresses, limits }: TypedRestrictions): Restrictions {
  const some = <Item>(items: readonly Item[]): readonly Item[] | null => (items.length === 0 ? null : items);
  const given = LIMIT_NAMES.filter((name) => limits[name] !== "");
  return {
    models: some(linesOf(models)),
    scopes: some([...scopes]),
    allowed_ips: some(linesOf(addresses)),
    rate_limits:
      given.length === 0 ? null : Object.fromEntries(given.map((name) => [name, Number(limits[name])])),
  };
}

/** What a new key is narrowed to. */
export function newRestrictions(typed: TypedRestrictions): Partial<Restrictions> {
  return Object.fromEntries(Object.entries(asked(typed)).filter(([, value]) => value !== null));
}

/** Of the restrictions of a key only what is to be another. */
export function changedRestrictions(former: ApiKey, typed: TypedRestrictions): Partial<Restrictions> {
  const before = new Map<string, unknown>(Object.entries(asked(restrictionsOf(former))));
  const isChanged = ([name, value]: [string, unknown]): boolean =>
    JSON.stringify(value) !== JSON.stringify(before.get(name));
  return Object.fromEntries(Object.entries(asked(typed)).filter(isChanged));
}
