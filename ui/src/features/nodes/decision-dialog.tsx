import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { useAction } from "../../api/use-action.ts";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";

/** What an operator is asked about: a node, or a row that was set aside. */
export interface Decision {
  readonly kind: keyof typeof DECISIONS;
  readonly id: string;
}

const DECISIONS = {
  retire: {
    title: "Retire this node?",
    action: "Retire",
    path: (id: string) => `/v1/nodes/${id}/retire`,
    meaning:
      "It is closed: should its process still run, it serves nothing more under budgets. What it holds stays counted until it is back or forgiven.",
    said: "Retired.",
  },
  forgive: {
    title: "Forgive what this node holds?",
    action: "Forgive",
    path: (id: string) => `/v1/nodes/${id}/forgive`,
    meaning:
      "What it holds in budgets becomes free: for a node that is gone for good. Should it come back after all, what it had to book is booked, and a budget may pass its limit by that.",
    said: "Forgiven.",
  },
  retry: {
    title: "Book this row?",
    action: "Book it",
    path: (id: string) => `/v1/nodes/quarantine/${id}/retry`,
    meaning: "The settlement is tried once more. Where the store still refuses it, it stays where it is.",
    said: "Booked.",
  },
  absorb: {
    title: "Absorb this row?",
    action: "Absorb",
    path: (id: string) => `/v1/nodes/quarantine/${id}/absorb`,
    meaning:
      "Nobody is charged for the request: what it would have cost is booked as absorbed, and what it holds in budgets becomes free.",
    said: "Absorbed.",
  },
} as const;

/** Asks before an operator decides. */
export function DecisionDialog({
  decision,
  onClose,
}: {
  decision: Decision;
  onClose: () => void;
}): ReactNode {
  const { api } = useApp();
  const { title, action, path, meaning, said } = DECISIONS[decision.kind];
  const decide = useAction({
    call: () => api.data("POST", path(encodeURIComponent(decision.id))),
    refresh: ["nodes", "quarantine", "budgets"],
    said: () => said,
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title={title}
      action={action}
      isDanger={decision.kind !== "retry"}
      isPending={decide.isPending}
      error={decide.error}
      onConfirm={() => decide.run()}
      onClose={onClose}
    >
      <p>
        <code className="font-mono text-xs break-all">{decision.id}</code>
      </p>
      <p>{meaning}</p>
    </ConfirmDialog>
  );
}
