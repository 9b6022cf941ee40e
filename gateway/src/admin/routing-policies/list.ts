import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { pageOf } from "../paging.ts";
import { isSeen } from "./own-policies.ts";
import { policyView, viewPolicy } from "./policy-view.ts";

export const listPolicies = adminEndpoint({
  method: "GET",
  path: "/v1/routing-policies",
  access: ["platform:manage", "routing:view"],
  tag: "Routing",
  summary: "Routing policies: all of them for the platform, otherwise those of models you manage",
  costBearing: false,
  query: z.strictObject(pageQuery),
  response: policyView,
  list: true,
  async handle({ principal, query }, deps) {
    const seen = [...deps.snapshot.policies()].filter((policy) => isSeen(policy, principal, deps));
    const page = pageOf(seen, (policy) => policy.id, query);
    return { kind: "page", page: { ...page, items: page.items.map(viewPolicy) } };
  },
});
