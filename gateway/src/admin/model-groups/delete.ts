import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { deleteModelGroup } from "../../store/model-access/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed, demandUnused } from "../refusals.ts";
import { administeredModelGroup } from "./model-group-view.ts";

export const deleteModelGroupEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/model-groups/{model_group_id}",
  access: "users:manage",
  tag: "Model access",
  summary: "Delete a model group that no rule names",
  costBearing: false,
  auditAction: "model_group.delete",
  params: z.strictObject({ model_group_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const group = await administeredModelGroup(params.model_group_id, principal, deps);
    demandUnused("model group", [
      { field: "model_access", count: deps.snapshot.modelAccess.rulesWith(group.id).length },
    ]);
    const writes = deleteModelGroup(group.id, administeredScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(group.id) };
  },
});
