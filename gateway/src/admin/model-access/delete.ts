import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { deleteModelAccess } from "../../store/model-access/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";

export const deleteModelAccessEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/model-access/{rule_id}",
  access: "users:manage",
  tag: "Model access",
  summary: "Take a line out of an access list",
  costBearing: false,
  auditAction: "model_access.delete",
  params: z.strictObject({ rule_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const writes = deleteModelAccess(params.rule_id, administeredScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(params.rule_id) };
  },
});
