import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { adminEndpoint } from "../endpoint.ts";
import { policyView, viewPolicy } from "./policy-view.ts";

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
    for (const policy of deps.snapshot.policies()) {
      if (policy.id === params.policy_id) return { kind: "data", data: viewPolicy(policy) };
    }
    throw new ApiError("NOT_FOUND");
  },
});
