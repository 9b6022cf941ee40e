import { z } from "zod";
import { ACCESS_SUBJECTS, type ModelAccessRule } from "../../core/model-access.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, timestamp } from "../fields.ts";
import { given } from "../given.ts";

export const subjectKind = z.enum(ACCESS_SUBJECTS);

/** A line of an access list as administrators see it. */
export const ruleView = z
  .strictObject({
    id: z.string(),
    tenant_id: z.string(),
    subject_type: subjectKind,
    subject_id: z.string(),
    subject_name: z.string().optional().describe("What the subject is called."),
    effect: z.enum(["allow", "block"]),
    model: z.string().optional(),
    model_group_id: z.string().optional(),
    model_group_name: z.string().optional(),
    created_at: timestamp,
  })
  .meta({ id: "ModelAccessRule" });

/** Tells a line to somebody who may see it. */
export function viewRule(
  rule: ModelAccessRule,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): z.infer<typeof ruleView> {
  const group =
    rule.modelGroupId === undefined ? undefined : snapshot.modelAccess.modelGroup(rule.modelGroupId);
  return {
    id: rule.id,
    tenant_id: rule.tenantId,
    subject_type: rule.subjectKind,
    subject_id: rule.subjectId,
    ...given({ subject_name: nameOf(rule, snapshot) }),
    effect: rule.effect,
    ...given({ model: rule.model, model_group_id: rule.modelGroupId, model_group_name: group?.name }),
    created_at: isoTime(rule.createdAt),
  };
}

function nameOf(
  { subjectKind: kind, subjectId: id }: ModelAccessRule,
  snapshot: Snapshot,
): string | undefined {
  switch (kind) {
    case "tenant":
      return snapshot.tenantById(id)?.displayName;
    case "group":
      return snapshot.iam.group(id)?.name;
    case "user":
      return snapshot.userById(id)?.displayName;
    case "api_key":
      return snapshot.keyById(id)?.name;
  }
}
