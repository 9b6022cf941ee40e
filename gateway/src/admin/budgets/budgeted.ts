import { accountingScope, budgetScope } from "../../access/scope.ts";
import { type Budget, BUDGET_SETTERS, type BudgetScope } from "../../core/budget.ts";
import type { Principal } from "../../core/principal.ts";
import type { Scope } from "../../core/scope.ts";
import { ApiError } from "../../errors.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import { findBudget } from "../../store/budgets/reader.ts";
import { demandUndeclared } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";

/** Budgets over one scope: a request looks at all of them. */
export const BUDGETS_PER_SCOPE = 16;

/** Whose something is, as its row says. */
export type BudgetOwner = Pick<Budget, "partnerId" | "tenantId" | "userId">;

/** A budget within the caller's accounts. Throws ApiError NOT_FOUND, for one elsewhere as for none. */
export async function visibleBudget(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<Budget> {
  return found(await findBudget(deps.read, id, accountingScope(principal)));
}

/**
 * A budget that the caller may change. Throws ApiError NOT_FOUND, for one elsewhere as for none,
 * AUTHZ_PERMISSION_DENIED for one that a higher level has made, DECLARED_IN_FILE for one of the configuration file.
 */
export async function manageableBudget(
  id: string,
  principal: Principal,
  deps: Pick<AdminDeps, "read">,
): Promise<Budget> {
  const scope = budgetScope(principal);
  const budget = found(await findBudget(deps.read, id, scope));
  if (BUDGET_SETTERS.indexOf(budget.setBy) > BUDGET_SETTERS.indexOf(scope.level)) {
    throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
      hint: `The ${budget.setBy} has made this budget: to you it is read-only.`,
    });
  }
  demandUndeclared(budget);
  return budget;
}

/** Arms budgets that are to be, where that can be done now. They block already; a job makes up for the rest. */
export async function armed({ budgets }: Pick<AdminDeps, "budgets">): Promise<void> {
  try {
    await budgets.arm();
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

/** Refuses to delete whom the configuration file has put under a budget. Throws ApiError DECLARED_IN_FILE. */
export function demandNoneDeclared(
  isUnder: (budget: Budget) => boolean,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): void {
  for (const budget of snapshot.budgets.all()) {
    if (budget.declaredAs === undefined || !isUnder(budget)) continue;
    throw new ApiError(
      "DECLARED_IN_FILE",
      `The configuration file declares a budget over this: ${budget.declaredAs}.`,
      { hint: "Take the budget out of the file first. `GET /v1/config-file` names it." },
    );
  }
}

function found(budget: Budget | undefined): Budget {
  if (budget === undefined) throw new ApiError("NOT_FOUND");
  return budget;
}

/** To whom a scope belongs; undefined where there is none of that id within reach. */
export function ownerOf(
  scope: BudgetScope,
  id: string,
  reach: Scope,
  deps: Pick<AdminDeps, "snapshot">,
): BudgetOwner | undefined {
  const owner = anyOwner(scope, id, deps);
  return owner && isWithin(owner, reach) ? owner : undefined;
}

function anyOwner(
  scope: BudgetScope,
  id: string,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): BudgetOwner | undefined {
  switch (scope) {
    case "partner":
      return snapshot.partnerById(id) && { partnerId: id };
    case "tenant":
      return inTenant(id);
    case "group":
      return inTenant(snapshot.iam.group(id)?.tenantId);
    case "user":
      return ofUser(id);
    case "api_key":
      return ofUser(snapshot.keyById(id)?.userId);
  }

  function inTenant(tenantId: string | undefined): BudgetOwner | undefined {
    const tenant = tenantId === undefined ? undefined : snapshot.tenantById(tenantId);
    return tenant && { partnerId: tenant.partnerId, tenantId: tenant.id };
  }

  function ofUser(userId: string | undefined): BudgetOwner | undefined {
    const user = userId === undefined ? undefined : snapshot.userById(userId);
    const owner = inTenant(user?.tenantId);
    return user && owner && { ...owner, userId: user.id };
  }
}

/** Whether somebody administers whom a budget belongs to; one who administers nobody does not. */
export function isWithin({ partnerId, tenantId }: BudgetOwner, reach: Scope): boolean {
  switch (reach.level) {
    case "platform":
      return true;
    case "partner":
      return partnerId === reach.partnerId;
    case "tenant":
      return tenantId === reach.tenantId;
    case "user":
      return false;
  }
}

/** Throws ApiError QUOTA_EXCEEDED when there are as many budgets over a scope as there may be. */
export function demandBudgetRoom(scopeId: string, { snapshot }: Pick<AdminDeps, "snapshot">): void {
  if (snapshot.budgets.of(scopeId).length < BUDGETS_PER_SCOPE) return;
  throw new ApiError("QUOTA_EXCEEDED", `A scope has at most ${BUDGETS_PER_SCOPE} budgets.`);
}
