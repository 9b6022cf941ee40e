import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import { requestsQuery, traceQuery } from "../../api/queries.ts";
import type { RequestSummary } from "../../api/types.ts";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, Section } from "../../components/page.tsx";
import { SearchBox } from "../../components/search-box.tsx";
import { Time } from "../../components/time.tsx";
import { RefusalExplained } from "./refusal-explained.tsx";
import { isLimitRefusal } from "./refusal.ts";

const REFUSALS_SHOWN = 5;

interface BlockedSectionProps {
  /** The id of the request that is asked about. */
  readonly requestId: string | undefined;
  readonly onAsk: (requestId: string | undefined) => void;
}

/** Why was I blocked: by an id, or one of the last refusals. */
export function BlockedSection({ requestId, onAsk }: BlockedSectionProps): ReactNode {
  return (
    <Section
      title="Why was I blocked?"
      lead="Any id of a request: its own, yours, the one of the trace. What was refused lately stands below."
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <SearchBox
          label="Id of the request"
          initial={requestId ?? ""}
          onSearch={(id) => onAsk(id === "" ? undefined : id)}
        />
        {requestId !== undefined && <Answer requestId={requestId} />}
        <LastRefusals requestId={requestId} onAsk={onAsk} />
      </div>
    </Section>
  );
}

function Answer({ requestId }: { requestId: string }): ReactNode {
  const { api } = useApp();
  const trace = useQuery(traceQuery(api, requestId));
  if (trace.isPending) return <Loading what="the request" />;
  if (trace.error && asFailure(trace.error).status === 404) {
    return (
      <p role="status">
        Nothing you may see goes by <span className="font-mono text-xs break-all">{requestId}</span>. A
        request whose key was not accepted leaves no trace.
      </p>
    );
  }
  if (trace.error) return <FailureNotice error={trace.error} onRetry={() => void trace.refetch()} />;
  return (
    <div role="status" aria-label="Answer" className="grid gap-3">
      <RefusalExplained trace={trace.data} />
      <p>
        <Link
          to="/requests/$requestId"
          params={{ requestId: trace.data.request_id }}
          className="text-accent underline"
        >
          Its trace
        </Link>
      </p>
    </div>
  );
}

function LastRefusals({ requestId, onAsk }: BlockedSectionProps): ReactNode {
  const { api } = useApp();
  const refused = useQuery(requestsQuery(api, { outcome: "refused" }));
  if (refused.error) return <FailureNotice error={refused.error} onRetry={() => void refused.refetch()} />;
  const last = refused.data?.items.filter(({ error_code: code }) => isLimitRefusal(code)) ?? [];
  if (refused.isPending) return null;
  if (last.length === 0) return <p className="text-muted">Nothing was refused by a limit lately.</p>;
  return (
    <ul aria-label="Refused lately" className="grid gap-1">
      {last.slice(0, REFUSALS_SHOWN).map((request) => (
        <li key={request.request_id}>
          <Refusal request={request} isAsked={request.request_id === requestId} onAsk={onAsk} />
        </li>
      ))}
    </ul>
  );
}

interface RefusalProps {
  readonly request: RequestSummary;
  readonly isAsked: boolean;
  readonly onAsk: (requestId: string) => void;
}

function Refusal({ request, isAsked, onAsk }: RefusalProps): ReactNode {
  const { request_id: id, error_code: code, model, started_at: at } = request;
  return (
    <button
      type="button"
      aria-pressed={isAsked}
      onClick={() => onAsk(id)}
      className={`flex w-full flex-wrap items-center gap-x-4 gap-y-1 rounded-lg px-3 py-2 text-left hover:bg-raised ${isAsked ? "bg-accent-soft" : ""}`}
    >
      <Time iso={at} as="moment" />
      <code className="font-mono text-xs font-medium">{code}</code>
      <span className="min-w-0 break-words text-muted">{model}</span>
      <code className="font-mono text-xs break-all text-muted">{id}</code>
    </button>
  );
}
