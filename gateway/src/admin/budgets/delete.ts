import { z } from "zod";
import { budgetScope } from "../../access/scope.ts";
import { deleteBudget } from "../../store/budgets/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";
import { manageableBudget } from "./budgeted.ts";

export const deleteBudgetEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/accounting/budgets/{budget_id}",
  access: "accounting:manage_budgets",
  tag: "Budgets",
  summary: "Delete a budget with what it has counted; the usage stays",
  costBearing: false,
  errors: ["DECLARED_IN_FILE"],
  auditAction: "budget.delete",
  params: z.strictObject({ budget_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const budget = await manageableBudget(params.budget_id, principal, deps);
    const writes = deleteBudget(budget.id, budgetScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(budget.id) };
  },
});
