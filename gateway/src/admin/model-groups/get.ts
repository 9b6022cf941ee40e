import { z } from "zod";
import { adminEndpoint } from "../endpoint.ts";
import { administeredModelGroup, modelGroupView, viewModelGroup } from "./model-group-view.ts";

export const getModelGroup = adminEndpoint({
  method: "GET",
  path: "/v1/model-groups/{model_group_id}",
  access: "users:manage",
  tag: "Model access",
  summary: "One model group",
  costBearing: false,
  version: { except: [] },
  params: z.strictObject({ model_group_id: z.string() }),
  response: modelGroupView,
  async handle({ principal, params }, deps) {
    const group = await administeredModelGroup(params.model_group_id, principal, deps);
    return { kind: "data", data: viewModelGroup(group) };
  },
});
