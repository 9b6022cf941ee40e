import { z } from "zod";
import { accountingScope } from "../../access/scope.ts";
import { BUDGET_SCOPES } from "../../core/budget.ts";
import { listBudgets } from "../../store/budgets/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { given } from "../given.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { budgetView, viewBudgets } from "./budget-view.ts";

export const listBudgetsEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/budgets",
  access: "accounting:view_own",
  tag: "Budgets",
  operationId: "listBudgets",
  summary: "The budgets of the accounts you may see, and how they stand",
  costBearing: false,
  query: z.strictObject({
    ...pageQuery,
    scope: z.enum(BUDGET_SCOPES).optional(),
    scope_id: z.string().max(64).optional(),
    tenant_id: z.string().max(64).optional(),
  }),
  response: budgetView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listBudgets(deps.read, accountingScope(principal), {
      ...storePage("budget", query),
      ...given({ scope: query.scope, scopeId: query.scope_id, tenantId: query.tenant_id }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: await viewBudgets(page.items, principal, deps) } };
  },
});
