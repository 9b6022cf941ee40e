import { z } from "zod";
import { POLICY_DEFAULTS } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";
import { updatePolicy } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { getPolicy } from "./get.ts";
import { changeablePolicy, setBy } from "./own-policies.ts";
import { demandPolicy, policyBody, policyGiven } from "./policy-body.ts";
import { policyView, viewPolicy } from "./policy-view.ts";

export const replacePolicyEndpoint = adminEndpoint({
  method: "PUT",
  path: "/v1/routing-policies/{policy_id}",
  access: ["routing:manage", "models:manage"],
  tag: "Routing",
  operationId: "replacePolicy",
  errors: ["BACKEND_NOT_FOUND", "DECLARED_IN_FILE"],
  summary: "Give a routing policy as a whole: what is left out is as in a new one",
  costBearing: false,
  auditAction: "routing_policy.update",
  changes: getPolicy,
  params: z.strictObject({ policy_id: z.string() }),
  body: policyBody,
  response: policyView,
  async handle({ principal, params, body: input }, deps) {
    const former = changeablePolicy(params.policy_id, principal, deps);
    if (input.model_id !== former.modelId) {
      const details = [{ field: "model_id", message: "is another model's: a policy stays with its model" }];
      throw new ApiError("VALIDATION_ERROR", undefined, { details });
    }
    const now = deps.clock.now();
    const next = { ...former, ...POLICY_DEFAULTS, ...policyGiven(input) };
    demandPolicy(next, deps);
    const own = setBy(next, principal, deps);
    await committed(deps.commit(updatePolicy(own, now, former)), { missing: "NOT_FOUND" });
    return { kind: "data", data: viewPolicy(own) };
  },
});
