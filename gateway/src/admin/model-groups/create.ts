import { z } from "zod";
import { newId } from "../../base/ids.ts";
import type { ModelGroup } from "../../core/model-access.ts";
import { createModelGroup } from "../../store/model-access/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { demandRoom, description, ownerField, tenantFor } from "../owned.ts";
import { committed } from "../refusals.ts";
import { modelGroupView, slugPatterns, viewModelGroup } from "./model-group-view.ts";

export const createModelGroupEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/model-groups",
  access: "users:manage",
  tag: "Model access",
  operationId: "createModelGroup",
  summary: "Name models that are allowed or blocked together",
  costBearing: false,
  auditAction: "model_group.create",
  errors: ["QUOTA_EXCEEDED"],
  body: z
    .strictObject({
      name: shownText,
      description: description.optional(),
      models: slugPatterns,
      tenant_id: ownerField,
    })
    .meta({ examples: [{ name: "Small ones", models: ["openai/gpt-4o-mini", "ollama/*"] }] }),
  response: modelGroupView,
  async handle({ principal, body }, deps) {
    const tenantId = await tenantFor(body.tenant_id, principal, deps);
    await demandRoom("model_groups", tenantId, deps);
    const now = deps.clock.now();
    const group: ModelGroup = {
      id: newId("mg", now),
      tenantId,
      name: body.name,
      ...(body.description !== undefined && { description: body.description }),
      models: body.models,
      createdAt: now,
    };
    await committed(deps.commit(createModelGroup(group, now)), {});
    return { kind: "data", status: 201, data: viewModelGroup(group) };
  },
});
