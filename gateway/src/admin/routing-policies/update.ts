import { z } from "zod";
import { updatePolicy } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { getPolicy } from "./get.ts";
import { changeablePolicy, setBy } from "./own-policies.ts";
import { demandPolicy, policyFields, policyGiven } from "./policy-body.ts";
import { policyView, viewPolicy } from "./policy-view.ts";

export const updatePolicyEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/routing-policies/{policy_id}",
  access: ["routing:manage", "models:manage"],
  tag: "Routing",
  errors: ["BACKEND_NOT_FOUND", "DECLARED_IN_FILE"],
  summary: "Change a routing policy; requests that come later go by it",
  costBearing: false,
  auditAction: "routing_policy.update",
  changes: getPolicy,
  params: z.strictObject({ policy_id: z.string() }),
  body: z
    .strictObject({
      ...z.strictObject(policyFields).partial().shape,
      targets: policyFields.targets.optional().describe("All of them, in place of the present ones."),
    })
    .meta({ examples: [{ strategy: "least_busy", midstream: "continue" }] }),
  response: policyView,
  async handle({ principal, params, body: input }, deps) {
    const former = changeablePolicy(params.policy_id, principal, deps);
    const now = deps.clock.now();
    const next = { ...former, ...policyGiven(input) };
    demandPolicy(next, deps);
    const own = setBy(next, principal, deps);
    await committed(deps.commit(updatePolicy(own, now, former)), { missing: "NOT_FOUND" });
    return { kind: "data", data: viewPolicy(own) };
  },
});
