import { z } from "zod";
import { ACCESS_SUBJECTS, type ModelAccessRule } from "../../core/model-access.ts";
import { isoTime, timestamp } from "../fields.ts";

export const subjectKind = z.enum(ACCESS_SUBJECTS);

/** A line of an access list as administrators see it. */
export const ruleView = z
  .strictObject({
    id: z.string(),
    tenant_id: z.string(),
    subject_type: subjectKind,
    subject_id: z.string(),
    effect: z.enum(["allow", "block"]),
    model: z.string().optional(),
    model_group_id: z.string().optional(),
    created_at: timestamp,
  })
  .meta({ id: "ModelAccessRule" });

/** Tells a line to somebody who may see it. */
export function viewRule(rule: ModelAccessRule): z.infer<typeof ruleView> {
  return {
    id: rule.id,
    tenant_id: rule.tenantId,
    subject_type: rule.subjectKind,
    subject_id: rule.subjectId,
    effect: rule.effect,
    ...(rule.model !== undefined && { model: rule.model }),
    ...(rule.modelGroupId !== undefined && { model_group_id: rule.modelGroupId }),
    created_at: isoTime(rule.createdAt),
  };
}
