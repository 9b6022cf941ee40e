import { z } from "zod";
import { accountingScope } from "../../access/scope.ts";
import { listAdjustments } from "../../store/ledger/adjustments.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { given } from "../given.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { adjustmentView, month, viewAdjustment } from "./adjustment-view.ts";

export const listAdjustmentsEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/adjustments",
  access: "accounting:view_tenant",
  tag: "Accounting",
  operationId: "listAdjustments",
  summary: "Corrections of what tenants and partners owe, newest first",
  costBearing: false,
  query: z.strictObject({
    ...pageQuery,
    month: month.optional().describe("In the statement of this month."),
    tenant_id: z.string().max(64).optional(),
    partner_id: z.string().max(64).optional(),
  }),
  response: adjustmentView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listAdjustments(deps.read, accountingScope(principal), {
      ...storePage("adj", query),
      ...given({ month: query.month, tenantId: query.tenant_id, partnerId: query.partner_id }),
    });
    const { items, ...more } = pageOfRows(found, query);
    return { kind: "page", page: { items: items.map(viewAdjustment), ...more } };
  },
});
