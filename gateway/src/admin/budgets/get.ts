import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { budgetView, MOVING_FIELDS, viewBudget } from "./budget-view.ts";
import { visibleBudget } from "./budgeted.ts";

export const getBudget = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/budgets/{budget_id}",
  access: "accounting:view_own",
  tag: "Budgets",
  summary: "One budget, and how it stands",
  costBearing: false,
  version: { except: [...MOVING_FIELDS] },
  params: z.strictObject({ budget_id: z.string() }),
  response: budgetView,
  async handle({ principal, params }, deps) {
    const budget = await visibleBudget(params.budget_id, principal, deps);
    return { kind: "data", data: await viewBudget(budget, principal, deps) };
  },
});
