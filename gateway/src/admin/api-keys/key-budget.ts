import { z } from "zod";
import { budgetScope } from "../../access/scope.ts";
import { newId } from "../../base/ids.ts";
import type { Budget } from "../../core/budget.ts";
import type { Principal } from "../../core/principal.ts";
import type { ApiKey } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { createBudget } from "../../store/budgets/writer.ts";
import type { Write } from "../../store/write.ts";
import { budgetTerms, limitsFrom, tenThousandths } from "../budgets/budget-fields.ts";
import { ownerOf } from "../budgets/budgeted.ts";
import type { AdminDeps } from "../deps.ts";

/** The budget a key is made with. */
export const keyBudget = z
  .strictObject(budgetTerms)
  .describe("What it may use: those of its user, tenant and partner hold as well.");
type KeyBudget = z.output<typeof keyBudget>;

/** Makes the budget of a key that is being made: nothing was used with it yet, so it is armed at once. */
export function budgetOf(
  key: ApiKey,
  terms: KeyBudget,
  principal: Principal,
  deps: Pick<AdminDeps, "snapshot" | "clock">,
): Write[] {
  const limits = limitsFrom(terms, {}, "budget.");
  const owner = ownerOf("user", key.userId, { level: "platform" }, deps);
  // The command line on the gateway's own machine is no user of the store: the commit says so.
  if (owner === undefined) return [];
  const now = deps.clock.now();
  const budget: Budget = {
    id: newId("budget", now),
    scope: "api_key",
    scopeId: key.id,
    ...owner,
    period: terms.period,
    limits,
    softLimit: tenThousandths(terms.soft_limit_pct),
    hardAction: terms.hard_action,
    setBy: principal.permissions.has("accounting:manage_budgets") ? budgetScope(principal).level : "user",
    createdAt: now,
    armedAt: now,
  };
  return createBudget(budget, now);
}

/**
 * Refuses to make a key with one that is under a budget: what is made would not be. Throws ApiError
 * AUTHZ_PERMISSION_DENIED.
 */
export function demandNoBudget(principal: Principal, { budgets }: Pick<AdminDeps, "budgets">): void {
  const { proof, permissions, partner, tenant, user } = principal;
  if (proof.kind !== "key" || permissions.has("accounting:manage_budgets")) return;
  const payer = { partnerId: partner.id, tenantId: tenant.id, userId: user.id, keyId: proof.key.id };
  if (!budgets.over(payer).some(({ scope }) => scope === "api_key")) return;
  throw new ApiError(
    "AUTHZ_PERMISSION_DENIED",
    "This key has a budget, which a key it makes would not have.",
    {
      hint: "Make the key in the console, or with a key that has no budget.",
    },
  );
}
