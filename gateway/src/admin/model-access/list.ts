import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { listModelAccess } from "../../store/model-access/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { given } from "../given.ts";
import { ownedQuery } from "../owned.ts";
import { pageOfRows, storePage } from "../paging.ts";
import { ruleView, subjectKind, viewRule } from "./rule-view.ts";

export const listModelAccessEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/model-access",
  access: "users:manage",
  tag: "Model access",
  operationId: "listModelAccess",
  summary: "The access lists of the tenants you administer",
  costBearing: false,
  query: z.strictObject({
    ...ownedQuery,
    subject_type: subjectKind.optional(),
    subject_id: z.string().optional(),
  }),
  response: ruleView,
  list: true,
  async handle({ principal, query }, deps) {
    const found = await listModelAccess(deps.read, administeredScope(principal), {
      ...storePage("access", query),
      ...given({
        tenantId: query.tenant_id,
        subjectKind: query.subject_type,
        subjectId: query.subject_id,
      }),
    });
    const page = pageOfRows(found, query);
    return { kind: "page", page: { ...page, items: page.items.map((rule) => viewRule(rule, deps)) } };
  },
});
