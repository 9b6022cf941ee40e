import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { updateModelGroup } from "../../store/model-access/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { given } from "../given.ts";
import { description } from "../owned.ts";
import { committed } from "../refusals.ts";
import { getModelGroup } from "./get.ts";
import { administeredModelGroup, modelGroupView, slugPatterns, viewModelGroup } from "./model-group-view.ts";

export const updateModelGroupEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/model-groups/{model_group_id}",
  access: "users:manage",
  tag: "Model access",
  summary: "Change a model group; the rules that name it follow at once",
  costBearing: false,
  auditAction: "model_group.update",
  changes: getModelGroup,
  params: z.strictObject({ model_group_id: z.string() }),
  body: z
    .strictObject({
      name: shownText.optional(),
      description: description.nullable().optional(),
      models: slugPatterns.optional(),
    })
    .meta({ examples: [{ models: ["ollama/*"] }] }),
  response: modelGroupView,
  async handle({ principal, params, body }, deps) {
    const group = await administeredModelGroup(params.model_group_id, principal, deps);
    const change = given({ name: body.name, description: body.description, models: body.models });
    const writes = updateModelGroup(group.id, change, administeredScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    const next = deps.snapshot.modelAccess.modelGroup(group.id) ?? group;
    return { kind: "data", data: viewModelGroup(next) };
  },
});
