import type { ModelAccessRule } from "../../api/types.ts";

/** What a rule is about, in words. */
export function ruleWords(rule: ModelAccessRule): string {
  const { subject_name: name, subject_id: id, model, model_group_name: group } = rule;
  return `${model ?? group ?? "A model group"} for ${name ?? id}`;
}
