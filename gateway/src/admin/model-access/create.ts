import { z } from "zod";
import { newId } from "../../base/ids.ts";
import type { AccessSubject, ModelAccessRule } from "../../core/model-access.ts";
import { findGroup } from "../../store/iam/reader.ts";
import { findKey } from "../../store/keys/reader.ts";
import { findModelGroup } from "../../store/model-access/reader.ts";
import { createModelAccess } from "../../store/model-access/writer.ts";
import { findUser } from "../../store/tenancy/reader.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { given } from "../given.ts";
import { slugPattern } from "../model-groups/model-group-view.ts";
import { demandRoom, notThere, ownerField, tenantFor } from "../owned.ts";
import { committed } from "../refusals.ts";
import { ruleView, subjectKind, viewRule } from "./rule-view.ts";

export const createModelAccessEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/model-access",
  access: "users:manage",
  tag: "Model access",
  operationId: "createModelAccess",
  summary: "Allow or block models for a tenant, a group, a user or a key",
  costBearing: false,
  auditAction: "model_access.create",
  errors: ["QUOTA_EXCEEDED"],
  body: z
    .strictObject({
      subject_type: subjectKind,
      subject_id: z.string().optional().describe("Not needed for a tenant."),
      effect: z
        .enum(["allow", "block"])
        .describe(
          "Where something is allowed, everything else is not; a block counts more than an allowance.",
        ),
      model: slugPattern.optional().describe("A slug, or `vendor/*`."),
      model_group_id: z.string().optional(),
      tenant_id: ownerField,
    })
    .refine((body) => (body.model === undefined) !== (body.model_group_id === undefined), {
      path: ["model"],
      message: "give either model or model_group_id",
    })
    .meta({ examples: [{ subject_type: "tenant", effect: "block", model: "openai/*" }] }),
  response: ruleView,
  async handle({ principal, body }, deps) {
    const tenantId = await tenantFor(body.tenant_id, principal, deps);
    await demandRoom("model_access", tenantId, deps);
    const subjectId = body.subject_id ?? (body.subject_type === "tenant" ? tenantId : "");
    if (!(await isThere(body.subject_type, subjectId, tenantId, deps))) {
      throw notThere("subject_id", `is no ${body.subject_type.replace("_", " ")} of that tenant`);
    }
    if (body.model_group_id !== undefined) {
      const scope = { level: "tenant", tenantId } as const;
      const group = await findModelGroup(deps.read, body.model_group_id, scope);
      if (!group) throw notThere("model_group_id", "is no model group of that tenant");
    }
    const now = deps.clock.now();
    const rule: ModelAccessRule = {
      id: newId("access", now),
      tenantId,
      subjectKind: body.subject_type,
      subjectId,
      effect: body.effect,
      ...given({ model: body.model, modelGroupId: body.model_group_id }),
      createdAt: now,
    };
    await committed(deps.commit(createModelAccess(rule, now)), {});
    return { kind: "data", status: 201, data: viewRule(rule, deps) };
  },
});

async function isThere(
  kind: AccessSubject,
  id: string,
  tenantId: string,
  { read }: Pick<AdminDeps, "read">,
): Promise<boolean> {
  const scope = { level: "tenant", tenantId } as const;
  switch (kind) {
    case "tenant":
      return id === tenantId;
    case "group":
      return (await findGroup(read, id, scope)) !== undefined;
    case "user":
      return (await findUser(read, scope, id)) !== undefined;
    case "api_key":
      return (await findKey(read, scope, id)) !== undefined;
  }
}
