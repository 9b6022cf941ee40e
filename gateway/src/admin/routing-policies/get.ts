import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { seenPolicy } from "./own-policies.ts";
import { policyView, viewPolicy } from "./policy-view.ts";

export const getPolicy = adminEndpoint({
  method: "GET",
  path: "/v1/routing-policies/{policy_id}",
  access: ["platform:manage", "routing:view"],
  tag: "Routing",
  summary: "One routing policy",
  costBearing: false,
  version: { except: [] },
  params: z.strictObject({ policy_id: z.string() }),
  response: policyView,
  async handle({ principal, params }, deps) {
    return { kind: "data", data: viewPolicy(seenPolicy(params.policy_id, principal, deps)) };
  },
});
