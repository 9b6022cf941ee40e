import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { requestsQuery } from "../../api/queries.ts";
import type { RequestSummary } from "../../api/types.ts";
import { buttonClass } from "../../components/button.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { useIsIdle } from "../../lib/idle.ts";

const POLL_MS = 1_500;
const IDLE_MS = 10 * 60_000;
/** Enough to see a success behind a few refusals. */
const LOOKED_AT = 10;

/** Waits for the first request with a new key, and turns green when it has come. */
export function FirstRequest({ keyId }: { keyId: string }): ReactNode {
  const { api } = useApp();
  const isIdle = useIsIdle(IDLE_MS);
  const [isDone, setIsDone] = useState(false);
  const found = useQuery({
    ...requestsQuery(api, { api_key_id: keyId }, undefined, LOOKED_AT),
    refetchInterval: isDone || isIdle ? false : POLL_MS,
  });
  const items = found.data?.items ?? [];
  const shown = items.find((item) => item.outcome === "completed") ?? items[0];
  const isGood = shown?.outcome === "completed";
  useEffect(() => setIsDone(isGood), [isGood]);
  return (
    <div className="grid gap-3">
      <div role="status" data-testid="first-request" data-state={isGood ? "green" : "waiting"}>
        {shown === undefined ? <Waiting /> : <Arrived request={shown} />}
      </div>
      {isIdle && !isGood && (
        <p className="text-muted">
          Waiting has paused, because nobody is here. It goes on with the next key or click.
        </p>
      )}
      {found.error && <FailureNotice error={found.error} onRetry={() => void found.refetch()} />}
    </div>
  );
}

function Waiting(): ReactNode {
  return (
    <p className="flex items-center gap-3 rounded-xl border border-dashed border-edge bg-surface px-5 py-4">
      <span aria-hidden="true" className="relative flex size-2.5">
        <span className="absolute inline-flex size-full animate-ping rounded-full bg-accent opacity-60" />
        <span className="relative inline-flex size-2.5 rounded-full bg-accent" />
      </span>
      Waiting for the first request with this key…
    </p>
  );
}

function Arrived({ request }: { request: RequestSummary }): ReactNode {
  const isGood = request.outcome === "completed";
  return (
    <div
      className={`flex flex-wrap items-center justify-between gap-3 rounded-xl border px-5 py-4 ${
        isGood ? "border-good bg-good-soft" : "border-warn bg-warn-soft"
      }`}
    >
      <div className="min-w-0">
        <p className={`flex items-center gap-2 font-semibold ${isGood ? "text-good" : "text-warn"}`}>
          <Icon name={isGood ? "check" : "alert"} className="size-5" />
          {isGood
            ? "The first request has arrived"
            : `A request has arrived, but ended with ${whatFailed(request)}`}
        </p>
        <p className="mt-1 text-xs">
          <code className="font-mono break-all">{request.request_id}</code>
          {!isGood && " – still waiting for one that succeeds"}
        </p>
      </div>
      <Link
        to="/requests/$requestId"
        params={{ requestId: request.request_id }}
        className={buttonClass("secondary")}
      >
        See its trace
      </Link>
    </div>
  );
}

function whatFailed({ error_code: code, http_status: status }: RequestSummary): string {
  return code ?? `status ${status}`;
}
