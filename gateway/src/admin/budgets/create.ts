import { z } from "zod";
import { budgetScope } from "../../access/scope.ts";
import { newId } from "../../base/ids.ts";
import { type Budget, BUDGET_SCOPES } from "../../core/budget.ts";
import { createBudget } from "../../store/budgets/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { notThere } from "../owned.ts";
import { committed } from "../refusals.ts";
import { budgetTerms, limitsFrom, tenThousandths } from "./budget-fields.ts";
import { budgetView, viewBudget } from "./budget-view.ts";
import { armed, demandBudgetRoom, ownerOf } from "./budgeted.ts";

export const createBudgetEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/accounting/budgets",
  access: "accounting:manage_budgets",
  tag: "Budgets",
  operationId: "createBudget",
  summary: "Limit what a partner, a tenant, a group, a user or a key may use",
  costBearing: false,
  auditAction: "budget.create",
  errors: ["QUOTA_EXCEEDED"],
  body: z
    .strictObject({
      scope: z.enum(BUDGET_SCOPES),
      scope_id: z.string().max(64).describe("The id of the partner, tenant, group, user or key."),
      ...budgetTerms,
    })
    .meta({
      examples: [
        {
          scope: "user",
          scope_id: "user_01ARZ3NDEKTSV4RRFFQ69G5FAV",
          period: "monthly",
          cost_limit: "250.00",
          soft_limit_pct: 0.8,
          hard_action: "block",
        },
      ],
    }),
  response: budgetView,
  async handle({ principal, body }, deps) {
    const reach = budgetScope(principal);
    const owner = ownerOf(body.scope, body.scope_id, reach, deps);
    if (owner === undefined) throw notThere("scope_id", `is no ${body.scope} that you administer`);
    const limits = limitsFrom(body);
    demandBudgetRoom(body.scope_id, deps);
    const now = deps.clock.now();
    const budget: Budget = {
      id: newId("budget", now),
      scope: body.scope,
      scopeId: body.scope_id,
      ...owner,
      period: body.period,
      limits,
      softLimit: tenThousandths(body.soft_limit_pct),
      hardAction: body.hard_action,
      setBy: reach.level,
      createdAt: now,
    };
    await committed(deps.commit(createBudget(budget, now)), {});
    await armed(deps);
    const made = deps.snapshot.budgets.byId(budget.id) ?? budget;
    return { kind: "data", status: 201, data: await viewBudget(made, principal, deps) };
  },
});
