import { z } from "zod";
import { deletePolicy } from "../../store/catalogue/writer.ts";
import { demandUndeclared } from "../declared.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";
import { knownPolicy } from "./policy-view.ts";

export const deletePolicyEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/routing-policies/{policy_id}",
  access: "routing:manage",
  tag: "Routing",
  summary: "Delete a routing policy; its model has no backend from then on",
  errors: ["DECLARED_IN_FILE"],
  costBearing: false,
  auditAction: "routing_policy.delete",
  params: z.strictObject({ policy_id: z.string() }),
  response: deleted,
  async handle({ params }, deps) {
    demandUndeclared(knownPolicy(params.policy_id, deps));
    const writes = deletePolicy(params.policy_id, deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(params.policy_id) };
  },
});
