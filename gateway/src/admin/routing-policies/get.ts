import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { knownPolicy, policyView, viewPolicy } from "./policy-view.ts";

export const getPolicy = adminEndpoint({
  method: "GET",
  path: "/v1/routing-policies/{policy_id}",
  access: "platform:manage",
  tag: "Routing",
  summary: "One routing policy",
  costBearing: false,
  version: { except: [] },
  params: z.strictObject({ policy_id: z.string() }),
  response: policyView,
  async handle({ params }, deps) {
    return { kind: "data", data: viewPolicy(knownPolicy(params.policy_id, deps)) };
  },
});
