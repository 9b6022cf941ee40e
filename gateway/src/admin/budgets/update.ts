import { z } from "zod";
import { budgetScope } from "../../access/scope.ts";
import { updateBudget } from "../../store/budgets/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { given } from "../given.ts";
import { committed } from "../refusals.ts";
import { budgetChanges, limitsFrom, tenThousandths } from "./budget-fields.ts";
import { budgetView, viewBudget } from "./budget-view.ts";
import { armed, manageableBudget } from "./budgeted.ts";
import { getBudget } from "./get.ts";

export const updateBudgetEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/accounting/budgets/{budget_id}",
  access: "accounting:manage_budgets",
  tag: "Budgets",
  summary: "Change the limits of a budget: in force at once, also for what is asked in the running window",
  costBearing: false,
  errors: ["DECLARED_IN_FILE"],
  auditAction: "budget.update",
  changes: getBudget,
  params: z.strictObject({ budget_id: z.string() }),
  body: z.strictObject(budgetChanges).meta({ examples: [{ cost_limit: "300.00" }] }),
  response: budgetView,
  async handle({ principal, params, body }, deps) {
    const budget = await manageableBudget(params.budget_id, principal, deps);
    const change = given({
      limits: limitsFrom(body, budget.limits),
      softLimit: body.soft_limit_pct === undefined ? undefined : tenThousandths(body.soft_limit_pct),
      hardAction: body.hard_action,
    });
    const writes = updateBudget(budget.id, change, budgetScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    if (change.hardAction === "block") await armed(deps);
    const changed = deps.snapshot.budgets.byId(budget.id) ?? budget;
    return { kind: "data", data: await viewBudget(changed, principal, deps) };
  },
});
