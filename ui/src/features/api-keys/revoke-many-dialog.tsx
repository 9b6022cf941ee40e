import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { ApiKey, RevokedApiKeys } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { formatCount } from "../../lib/format.ts";
import { KeyLabel } from "./key-label.tsx";

interface RevokeManyDialogProps {
  readonly keys: readonly ApiKey[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Asks before several keys are revoked, and says which were in use. */
export function RevokeManyDialog({ keys, onDone, onClose }: RevokeManyDialogProps): ReactNode {
  const { api } = useApp();
  const used = keys.filter((key) => key.requests_24h > 0).length;
  const revoke = useAction({
    call: () => {
      const body = { ids: keys.map(({ id }) => id) };
      return api.data<RevokedApiKeys>("POST", "/v1/api-keys/revoke", { body });
    },
    refresh: ["api-keys"],
    said: ({ revoked }) => `Revoked ${revoked.length} of ${keys.length} keys.`,
    onDone: () => {
      onDone();
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={keys.length === 1 ? "Revoke this API key?" : `Revoke these ${keys.length} API keys?`}
      action="Revoke"
      isDanger
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.run()}
      onClose={onClose}
    >
      <ul className="grid max-h-60 gap-1 overflow-y-auto" tabIndex={0} aria-label="The keys">
        {keys.map((key) => (
          <li key={key.id} className="break-words">
            <strong>{key.name}</strong> (<KeyLabel apiKey={key} />
            ), {formatCount(key.requests_24h)} requests in 24 hours
          </li>
        ))}
      </ul>
      <p className="text-muted">
        {used === 0
          ? "None was used in the last 24 hours."
          : `${used} of them were used in the last 24 hours.`}{" "}
        Programs that hold them are refused from now on, and their running requests are cut.
      </p>
    </ConfirmDialog>
  );
}
