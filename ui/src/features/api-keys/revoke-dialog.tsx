import type { ReactNode } from "react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { ApiKey } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Time } from "../../components/time.tsx";
import { formatCount } from "../../lib/format.ts";
import { KeyLabel } from "./key-label.tsx";

/** Asks before a key is revoked, and says who would notice. */
export function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }): ReactNode {
  const { api, announcement } = useApp();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => api.data("DELETE", `/v1/api-keys/${encodeURIComponent(apiKey.id)}`),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["api-keys"] });
      announcement.set(`Revoked the key ${apiKey.name}.`);
      onClose();
    },
  });
  return (
    <Dialog title="Revoke this API key?" onClose={onClose}>
      <p className="break-words">
        <strong>{apiKey.name}</strong> (<KeyLabel apiKey={apiKey} />)
      </p>
      <p>
        <RecentUse apiKey={apiKey} />
      </p>
      <p className="text-muted">
        Programs that hold it are refused from now on, and their running requests are cut. A revoked key
        cannot be brought back.
      </p>
      {revoke.error && <FailureNotice error={revoke.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Keep it</Button>
        <Button
          variant="danger"
          busy={revoke.isPending}
          onClick={() => {
            if (!revoke.isPending) revoke.mutate();
          }}
        >
          Revoke
        </Button>
      </div>
    </Dialog>
  );
}

function RecentUse({ apiKey }: { apiKey: ApiKey }): ReactNode {
  const { requests_24h: count, last_used_at: lastUsed } = apiKey;
  if (count === 0) return "It was not used in the last 24 hours.";
  return (
    <>
      It made{" "}
      <strong>
        {formatCount(count)} {count === 1 ? "request" : "requests"} in the last 24 hours
      </strong>
      {lastUsed !== undefined && (
        <>
          , the last one <Time iso={lastUsed} as="relative" />
        </>
      )}
      .
    </>
  );
}
