import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { pageOf } from "../paging.ts";
import { policyView, viewPolicy } from "./policy-view.ts";

export const listPolicies = adminEndpoint({
  method: "GET",
  path: "/v1/routing-policies",
  access: "platform:manage",
  tag: "Routing",
  summary: "All routing policies",
  costBearing: false,
  query: z.strictObject(pageQuery),
  response: policyView,
  list: true,
  async handle({ query }, deps) {
    const page = pageOf(deps.snapshot.policies(), (policy) => policy.id, query);
    return { kind: "page", page: { ...page, items: page.items.map(viewPolicy) } };
  },
});
