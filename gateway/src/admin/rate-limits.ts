import { z } from "zod";
import type { Scope } from "../core/scope.ts";
import { type LevelLimited, LIMIT_NAMES, type LimitSetter, type RateLimits } from "../core/tenancy.ts";
import { ApiError } from "../errors.ts";
import { effectiveLimit, type LevelLimits, type LimitName } from "../limits/defaults.ts";
import type { LimitsChange } from "../store/tenancy/writer.ts";
import type { AdminDeps } from "./deps.ts";
import { wholeNumber } from "./fields.ts";

const LIMIT_MAX = 1_000_000_000;
const limit = wholeNumber(0, LIMIT_MAX);
const SETTERS = ["installation", "platform", "partner", "tenant", "itself"] as const;

/** Limits as a change gives them: 0 = unlimited, null = whatever holds without it. */
export const limitsChange = z
  .strictObject({
    requests_per_minute: limit.nullable().optional(),
    tokens_per_minute: limit.nullable().optional(),
    concurrent_requests: limit.nullable().optional(),
  })
  .describe(
    "Limits; 0 = unlimited, null = none of its own. The level itself can only tighten what holds; what a higher level has set is read-only to those below.",
  );
type LimitsAsked = z.output<typeof limitsChange>;

const shown = z.strictObject({
  limit: z.int().describe("0 = unlimited."),
  set_by: z.enum(SETTERS),
});
/** Limits in force, and who has set each. */
export const limitsView = z.strictObject({
  requests_per_minute: shown,
  tokens_per_minute: shown,
  concurrent_requests: shown,
});

type Level = "user" | "tenant" | "partner";
type InstallationLimits = Pick<AdminDeps["config"], "rateLimits" | "tokenLimits" | "concurrencyLimits">;

/** The installation's limits of one name, by level. */
export function installationLimits(name: LimitName, config: InstallationLimits): LevelLimits {
  switch (name) {
    case "requests_per_minute":
      return config.rateLimits;
    case "tokens_per_minute":
      return config.tokenLimits;
    case "concurrent_requests":
      return config.concurrencyLimits;
  }
}

/** Tells the limits in force at one level. */
export function viewLimits(
  level: Level,
  limited: LevelLimited,
  config: InstallationLimits,
): z.infer<typeof limitsView> {
  const view = (name: LimitName): z.infer<typeof shown> => {
    const inForce = effectiveLimit(level, limited, name, installationLimits(name, config));
    const setter = limited.limitsSet?.limits[name] === undefined ? "installation" : limited.limitsSet.by;
    return { limit: inForce, set_by: limited.limitsOwn?.[name] === inForce ? "itself" : setter };
  };
  return {
    requests_per_minute: view("requests_per_minute"),
    tokens_per_minute: view("tokens_per_minute"),
    concurrent_requests: view("concurrent_requests"),
  };
}

const RANKS = { user: 0, tenant: 1, partner: 2, platform: 3 } as const;

/**
 * What a change of limits comes to: from above it sets them, from the level itself it tightens them. Throws ApiError
 * AUTHZ_PERMISSION_DENIED for what a higher level has set, VALIDATION_ERROR for what would loosen.
 */
export function changedLimits(
  level: Level,
  former: LevelLimited,
  asked: LimitsAsked | undefined,
  caller: Scope,
  config: InstallationLimits,
): LimitsChange {
  if (asked === undefined) return {};
  if (caller.level === "user" || RANKS[caller.level] <= RANKS[level]) {
    return { limitsOwn: tightened(level, former, asked, config) };
  }
  const setter: LimitSetter = caller.level;
  const { limitsSet } = former;
  if (limitsSet && RANKS[limitsSet.by] > RANKS[setter]) {
    throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
      hint: `The ${limitsSet.by} has set these limits: to you they are read-only.`,
    });
  }
  const limits = merged(limitsSet?.limits, asked);
  return { limitsSet: limits && { by: setter, limits } };
}

function tightened(
  level: Level,
  former: LevelLimited,
  asked: LimitsAsked,
  config: InstallationLimits,
): RateLimits | null {
  const { limitsSet } = former;
  const set = limitsSet && { limitsSet, rateLimits: limitsSet.limits };
  const details = LIMIT_NAMES.flatMap((name) => {
    const wanted = asked[name];
    const above = effectiveLimit(level, set, name, installationLimits(name, config));
    if (wanted === undefined || wanted === null || above === 0) return [];
    if (wanted > 0 && wanted <= above) return [];
    return [{ field: `rate_limits.${name}`, message: `can only be tightened here: from 1 to ${above}` }];
  });
  if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
  return merged(former.limitsOwn, asked);
}

/** Limits after a change; null where none is left. */
export function merged(former: RateLimits | undefined, asked: LimitsAsked): RateLimits | null {
  const limits: { -readonly [Name in LimitName]?: number } = { ...former };
  for (const name of LIMIT_NAMES) {
    const wanted = asked[name];
    if (wanted === null) delete limits[name];
    else if (wanted !== undefined) limits[name] = wanted;
  }
  return Object.keys(limits).length === 0 ? null : limits;
}

/** The limits of what is being made: whoever makes it is above it. Throws as `changedLimits` does. */
export function madeLimits(
  level: Level,
  asked: LimitsAsked | undefined,
  caller: Scope,
  config: InstallationLimits,
): LevelLimited {
  const { limitsSet } = changedLimits(level, {}, asked, caller, config);
  return limitsSet ? { limitsSet, rateLimits: limitsSet.limits } : {};
}
