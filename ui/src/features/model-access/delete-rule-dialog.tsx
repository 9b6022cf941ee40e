import type { ReactNode } from "react";
import type { ModelAccessRule } from "../../api/types.ts";
import { DeleteDialog } from "../../components/delete-dialog.tsx";
import { ruleWords } from "./words.ts";

/** Asks before a rule is taken away, and says what follows. */
export function DeleteRuleDialog({
  rule,
  onClose,
}: {
  rule: ModelAccessRule;
  onClose: () => void;
}): ReactNode {
  return (
    <DeleteDialog
      title="Remove this rule?"
      action="Remove"
      path={`/v1/model-access/${encodeURIComponent(rule.id)}`}
      refresh={["model-access"]}
      said="The rule has been removed."
      onClose={onClose}
    >
      <strong>{ruleWords(rule)}</strong>{" "}
      {rule.effect === "block"
        ? "is no longer blocked."
        : "is no longer allowed by name. Once nothing is, everything is again."}
    </DeleteDialog>
  );
}
