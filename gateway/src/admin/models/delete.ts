import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { deleteModel } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";
import { changeableModel } from "./manageable.ts";

export const deleteModelEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/models/{model_id}",
  access: "models:manage",
  tag: "Models",
  errors: ["MODEL_NOT_FOUND", "DECLARED_IN_FILE"],
  summary: "Delete a model that no routing policy serves",
  costBearing: false,
  auditAction: "model.delete",
  params: z.strictObject({ model_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const model = changeableModel(params.model_id, principal, deps);
    const policy = deps.snapshot.policyOf(model.id);
    if (policy) {
      throw new ApiError("CONFLICT", "A routing policy still serves this model.", {
        hint: "Delete the routing policy first.",
        details: [{ field: "routing_policy", message: policy.id }],
      });
    }
    await committed(deps.commit(deleteModel(model.id, deps.clock.now())), { missing: "MODEL_NOT_FOUND" });
    return { kind: "data", data: deletion(model.id) };
  },
});
