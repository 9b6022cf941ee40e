import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listPriceEntries } from "../../store/price-book/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { given } from "../given.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { entryView, viewEntry } from "./entry-view.ts";

export const listPriceEntriesEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/price-books",
  access: "accounting:manage_prices",
  tag: "Prices",
  operationId: "listPriceEntries",
  summary: "What the partners and tenants whose prices you set pay, with every former entry; newest first",
  costBearing: false,
  query: z.strictObject({
    ...pageQuery,
    partner_id: z.string().max(64).optional().describe("What this partner pays the platform."),
    tenant_id: z.string().max(64).optional().describe("What this tenant pays its partner."),
    model_id: z.string().max(64).optional().describe("`*`: of every model."),
  }),
  response: entryView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listPriceEntries(deps.read, administeredScope(principal), {
      ...storePage("entry", query),
      ...given({ subjectId: query.tenant_id ?? query.partner_id, modelId: query.model_id }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map((entry) => viewEntry(entry, deps)) } };
  },
});
