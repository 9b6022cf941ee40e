import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { ModelAccessRule } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ruleWords } from "./words.ts";

/** Asks before a rule is taken away, and says what follows. */
export function DeleteRuleDialog({
  rule,
  onClose,
}: {
  rule: ModelAccessRule;
  onClose: () => void;
}): ReactNode {
  const { api } = useApp();
  const remove = useAction({
    call: () => api.data("DELETE", `/v1/model-access/${encodeURIComponent(rule.id)}`),
    refresh: ["model-access"],
    said: () => "The rule has been removed.",
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title="Remove this rule?"
      action="Remove"
      isDanger
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.run()}
      onClose={onClose}
    >
      <p className="break-words">
        <strong>{ruleWords(rule)}</strong>{" "}
        {rule.effect === "block"
          ? "is no longer blocked."
          : "is no longer allowed by name. Once nothing is, everything is again."}
      </p>
    </ConfirmDialog>
  );
}
