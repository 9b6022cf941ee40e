import { newId } from "../../base/ids.ts";
import { POLICY_DEFAULTS, type RoutingPolicy } from "../../core/catalogue.ts";
import { createPolicy } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { demandOwnModel, setBy } from "./own-policies.ts";
import { demandPolicy, policyBody, policyGiven } from "./policy-body.ts";
import { policyView, viewPolicy } from "./policy-view.ts";

export const createPolicyEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/routing-policies",
  access: ["routing:manage", "models:manage"],
  tag: "Routing",
  errors: ["MODEL_NOT_FOUND", "BACKEND_NOT_FOUND"],
  summary: "Say which backends serve a model, and what follows when one fails",
  costBearing: false,
  auditAction: "routing_policy.create",
  body: policyBody,
  response: policyView,
  async handle({ principal, body: input }, deps) {
    demandOwnModel(input.model_id, principal, deps);
    const now = deps.clock.now();
    const policy: RoutingPolicy = {
      ...POLICY_DEFAULTS,
      targets: [],
      ...policyGiven(input),
      id: newId("route", now),
      modelId: input.model_id,
      createdAt: now,
    };
    demandPolicy(policy, deps);
    const own = setBy(policy, principal, deps);
    await committed(deps.commit(createPolicy(own, now)), { missing_parent: "MODEL_NOT_FOUND" });
    return { kind: "data", status: 201, data: viewPolicy(own) };
  },
});
