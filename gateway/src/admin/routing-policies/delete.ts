import { z } from "zod";
import { deletePolicy } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";
import { changeablePolicy } from "./own-policies.ts";

export const deletePolicyEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/routing-policies/{policy_id}",
  access: ["routing:manage", "models:manage"],
  tag: "Routing",
  summary: "Delete a routing policy; its model has no backend from then on",
  errors: ["DECLARED_IN_FILE"],
  costBearing: false,
  auditAction: "routing_policy.delete",
  params: z.strictObject({ policy_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const { id } = changeablePolicy(params.policy_id, principal, deps);
    const writes = deletePolicy(id, deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(id) };
  },
});
