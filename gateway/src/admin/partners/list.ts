import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listPartners } from "../../store/tenancy/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { listQuery } from "../fields.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { given } from "../given.ts";
import { status } from "../tenancy-fields.ts";
import { partnerView, viewPartner } from "./partner-view.ts";

export const listPartnersEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/partners",
  access: "partner:manage",
  tag: "Partners",
  operationId: "listPartners",
  summary: "All partners; for a partner's administrator their own",
  costBearing: false,
  query: z.strictObject({ ...listQuery, status: status.optional() }),
  response: partnerView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listPartners(deps.read, administeredScope(principal), {
      ...storePage("partner", query),
      ...given({ status: query.status, q: query.q }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map((each) => viewPartner(each, deps)) } };
  },
});
