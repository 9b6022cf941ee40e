import { slugMatches } from "./slugs.ts";

/** What the rules of one subject come to. */
export interface RuleSet {
  /** Undefined = no rule allows, so nothing is shut out. */
  readonly allowed?: readonly string[];
  readonly blocked: readonly string[];
}

/** The rules of one tenant by subject. */
export interface TenantRules {
  readonly tenant: RuleSet | undefined;
  readonly groups: ReadonlyMap<string, RuleSet>;
  readonly users: ReadonlyMap<string, RuleSet>;
  readonly keys: ReadonlyMap<string, RuleSet>;
}

/** Who asks: the user, the groups they are in, and the key, if one was used. */
export interface Asking {
  readonly userId: string;
  readonly groupIds: Iterable<string>;
  readonly keyId: string | undefined;
}

/**
 * Whether a tenant's access list lets a slug through: every level must, the tenant, the groups together, the user and
 * the key. At one level a block counts more than an allowance; where something is allowed, all else is not.
 */
export function rulesAllow(rules: TenantRules, { userId, groupIds, keyId }: Asking, slug: string): boolean {
  return (
    lets(rules.tenant, slug) &&
    groupsLet(rules.groups, groupIds, slug) &&
    lets(rules.users.get(userId), slug) &&
    (keyId === undefined || lets(rules.keys.get(keyId), slug))
  );
}

function lets(rules: RuleSet | undefined, slug: string): boolean {
  if (rules === undefined) return true;
  if (rules.blocked.some((pattern) => slugMatches(pattern, slug))) return false;
  return rules.allowed === undefined || rules.allowed.some((pattern) => slugMatches(pattern, slug));
}

/** What one of somebody's groups allows is allowed, unless another of them blocks it. */
function groupsLet(groups: ReadonlyMap<string, RuleSet>, ids: Iterable<string>, slug: string): boolean {
  if (groups.size === 0) return true;
  let restricted = false;
  let allowed = false;
  for (const id of ids) {
    const rules = groups.get(id);
    if (rules === undefined) continue;
    if (rules.blocked.some((pattern) => slugMatches(pattern, slug))) return false;
    if (rules.allowed === undefined) continue;
    restricted = true;
    allowed ||= rules.allowed.some((pattern) => slugMatches(pattern, slug));
  }
  return allowed || !restricted;
}
