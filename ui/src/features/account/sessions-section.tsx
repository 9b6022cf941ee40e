import { useState } from "react";
import type { ReactNode } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Api, Page } from "../../api/client.ts";
import { useApp } from "../../app-context.ts";
import type { SignInSession } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";
import { Pager } from "../../components/pager.tsx";
import { Time } from "../../components/time.tsx";

const PAGE_ITEMS = 20;

function sessionsQuery(api: Api, userId: string | undefined, cursor: string | undefined) {
  return queryOptions({
    queryKey: ["sessions", userId, cursor],
    queryFn: ({ signal }): Promise<Page<SignInSession>> =>
      api.page("/v1/auth/sessions", { query: { user_id: userId, limit: PAGE_ITEMS, cursor }, signal }),
  });
}

interface SessionsSectionProps {
  /** Somebody else; one's own where nobody is named. */
  readonly user?: { readonly id: string; readonly display_name: string };
}

/** Where somebody is signed in, and the end of it. */
export function SessionsSection({ user }: SessionsSectionProps): ReactNode {
  const { api } = useApp();
  const [cursor, setCursor] = useState<string>();
  const [ending, setEnding] = useState<SignInSession>();
  const sessions = useQuery(sessionsQuery(api, user?.id, cursor));
  const items = sessions.data?.items ?? [];
  return (
    <Section
      title="Sessions"
      lead={user ? "Browsers in which this user is signed in." : "Browsers in which you are signed in."}
    >
      {sessions.error && <FailureNotice error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {sessions.isPending && <p className="text-muted">Loading the sessions…</p>}
      {sessions.data && items.length === 0 && <p className="text-muted">Signed in nowhere.</p>}
      {items.length > 0 && (
        <DataTable
          caption="Sessions"
          columns={columns(setEnding)}
          rows={items}
          isInset
          keyOf={({ id }) => id}
        />
      )}
      <Pager isFurther={cursor !== undefined} nextCursor={sessions.data?.nextCursor} onGo={setCursor} />
      {ending && <EndDialog session={ending} onClose={() => setEnding(undefined)} />}
    </Section>
  );
}

function columns(onEnd: (session: SignInSession) => void): readonly Column<SignInSession>[] {
  return [
    {
      header: "Browser",
      isHeader: true,
      cell: ({ user_agent: agent }) => (
        <span className="block max-w-96 min-w-32 text-xs break-words">{agent ?? "Not told"}</span>
      ),
    },
    { header: "Since", hiddenBelow: "sm", cell: (session) => <Time iso={session.created_at} as="moment" /> },
    { header: "Last used", cell: (session) => <Time iso={session.last_seen_at} as="relative" /> },
    {
      header: "Actions",
      align: "right",
      cell: (session) =>
        session.current ? (
          <Badge tone="accent">This one</Badge>
        ) : (
          <Button
            variant="quiet"
            aria-label={`End the session of ${session.user_agent ?? session.id}`}
            onClick={() => onEnd(session)}
          >
            End
          </Button>
        ),
    },
  ];
}

function EndDialog({ session, onClose }: { session: SignInSession; onClose: () => void }): ReactNode {
  const { api } = useApp();
  const end = useAction({
    call: () => api.data("DELETE", `/v1/auth/sessions/${encodeURIComponent(session.id)}`),
    refresh: ["sessions"],
    said: () => "The session has ended.",
    onDone: onClose,
  });
  return (
    <ConfirmDialog
      title="End this session?"
      action="End"
      isDanger
      isPending={end.isPending}
      error={end.error}
      onConfirm={() => end.run()}
      onClose={onClose}
    >
      <p className="break-words">That browser has to sign in again. API keys are not touched.</p>
    </ConfirmDialog>
  );
}
