import type { Limits, Me } from "../../api/types.ts";
import { formatCount } from "../../lib/format.ts";
import { may } from "../session/rooms.ts";

export type LimitName = keyof Limits;
export type LimitedLevel = "user" | "tenant" | "partner";
type Setter = Limits[LimitName]["set_by"];

export const LIMIT_NAMES = [
  "requests_per_minute",
  "tokens_per_minute",
  "concurrent_requests",
] as const satisfies readonly LimitName[];

export const LIMIT_WORDS: Readonly<Record<LimitName, string>> = {
  requests_per_minute: "Requests per minute",
  tokens_per_minute: "Tokens per minute",
  concurrent_requests: "Requests at once",
};

export const SETTER_WORDS: Readonly<Record<Setter, string>> = {
  installation: "The installation",
  platform: "The platform",
  partner: "The partner",
  tenant: "The tenant",
  itself: "Itself, tighter than above",
};

/** A limit in words; 0 is none. */
export function limitWords(limit: number): string {
  return limit === 0 ? "Unlimited" : formatCount(limit);
}

/** From above one sets, at the level itself one tightens, below what somebody higher has set one reads. */
export type Power = "set" | "tighten" | "none";

const RANKS = { user: 0, tenant: 1, partner: 2, platform: 3 } as const;

/** How far the level reaches whose people somebody administers. */
export function levelOf(me: Me): keyof typeof RANKS {
  if (may(me, "platform:manage")) return "platform";
  if (may(me, "partner:manage")) return "partner";
  return may(me, "users:manage") ? "tenant" : "user";
}

/** What somebody can do about the limits of a level. */
export function powerOver(level: LimitedLevel, limits: Limits, me: Me): Power {
  return powerOf(
    level,
    LIMIT_NAMES.map((name) => limits[name].set_by),
    me,
  );
}

/** What somebody can do about what these have set for a level. */
export function powerOf(level: LimitedLevel, setters: readonly Setter[], me: Me): Power {
  const caller = levelOf(me);
  if (caller === "user" || RANKS[caller] < RANKS[level]) return "none";
  if (caller === level) return "tighten";
  const isAboveAll = setters.every(
    (setter) => setter === "installation" || setter === "itself" || RANKS[setter] <= RANKS[caller],
  );
  return isAboveAll ? "set" : "none";
}

/** Limits as a form holds them: empty is whatever holds without one of its own. */
export type TypedLimits = Readonly<Record<LimitName, string>>;

/** What the form of a level starts with: what was set from here, nothing of what others have set. */
export function typedLimits(limits: Limits, power: Power, me: Me): TypedLimits {
  const own = power === "tighten" ? "itself" : levelOf(me);
  const typed = (name: LimitName): string => (limits[name].set_by === own ? String(limits[name].limit) : "");
  return {
    requests_per_minute: typed("requests_per_minute"),
    tokens_per_minute: typed("tokens_per_minute"),
    concurrent_requests: typed("concurrent_requests"),
  };
}

/** Of a form only what is to be another: null takes a limit away. */
export function changedLimits(
  former: TypedLimits,
  typed: TypedLimits,
): Partial<Record<LimitName, number | null>> {
  const changed: Partial<Record<LimitName, number | null>> = {};
  for (const name of LIMIT_NAMES) {
    if (typed[name] === former[name]) continue;
    changed[name] = typed[name] === "" ? null : Number(typed[name]);
  }
  return changed;
}
