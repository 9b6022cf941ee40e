import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import { traceQuery } from "../../api/queries.ts";
import type { Trace } from "../../api/types.ts";
import { BackLink } from "../../components/back-link.tsx";
import { buttonClass } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Facts } from "../../components/facts.tsx";
import { FailureNotice, Notice } from "../../components/notice.tsx";
import {
  EmptyState,
  Loading,
  PAGE_TITLE_ID,
  PageHeader,
  Section,
  useDocumentTitle,
} from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { formatWholeMs } from "../../lib/format.ts";
import { RefusalExplained } from "../limits/refusal-explained.tsx";
import { Attempts, Candidates } from "./backends-tried.tsx";
import { CostSection } from "./cost-section.tsx";
import { OutcomeBadge } from "./outcome-badge.tsx";
import { Waterfall } from "./waterfall-chart.tsx";

const route = getRouteApi("/shell/requests/$requestId");

/** One request, from its arrival to its settlement. */
export function TracePage(): ReactNode {
  const { api } = useApp();
  const { requestId } = route.useParams();
  const trace = useQuery(traceQuery(api, requestId));
  if (trace.data) return <TraceView trace={trace.data} />;
  return (
    <>
      <BackLink to="/requests">Requests</BackLink>
      <PageHeader title="Request" />
      {trace.isPending && <Loading what="the trace" />}
      {trace.error && asFailure(trace.error).status === 404 && (
        <EmptyState
          title="No request goes by this id"
          why={`Nothing you may see is called “${requestId}”. Requests are found by their own id, the caller's X-Request-Id, the id of a traceparent, or the upstream's id.`}
          action={
            <Link to="/requests" className={buttonClass("secondary")}>
              See all requests
            </Link>
          }
        />
      )}
      {trace.error && asFailure(trace.error).status !== 404 && (
        <FailureNotice error={trace.error} onRetry={() => void trace.refetch()} />
      )}
    </>
  );
}

function TraceView({ trace }: { trace: Trace }): ReactNode {
  return (
    <>
      <BackLink to="/requests">Requests</BackLink>
      <TraceHeader trace={trace} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <Failure trace={trace} />
        {trace.trace_lost && (
          <Notice tone="warn">
            <p>The process ended before it had written what happened. What the request is charged is kept.</p>
          </Notice>
        )}
        {trace.refusal && (
          <Section title="Why it was refused">
            <RefusalExplained trace={trace} />
          </Section>
        )}
        <Also ids={trace.also ?? []} />
        <Section title="Summary">
          <Summary trace={trace} />
        </Section>
        {!trace.trace_lost && (
          <Section
            title="Timeline"
            lead={`${formatWholeMs(trace.duration_ms)} from arrival to the last byte`}
          >
            <Waterfall trace={trace} />
          </Section>
        )}
        <Candidates trace={trace} />
        <Attempts trace={trace} />
        <CostSection trace={trace} />
        <Dropped fields={trace.dropped} />
        <Section title="Look it up by program" lead="The same trace, as JSON, with a key that may see it.">
          <CodeBlock
            what="curl of this trace"
            code={`curl ${window.location.origin}/v1/requests/${trace.request_id} \\\n  -H "Authorization: Bearer $SCAIGRID_API_KEY"`}
          />
        </Section>
      </div>
    </>
  );
}

function TraceHeader({ trace }: { trace: Trace }): ReactNode {
  useDocumentTitle(`Request ${trace.request_id}`);
  return (
    <header className="mb-6">
      <h1
        id={PAGE_TITLE_ID}
        tabIndex={-1}
        className="flex flex-wrap items-center gap-x-3 gap-y-2 text-xl font-semibold tracking-tight"
      >
        <span>Request</span>
        <code className="font-mono text-base font-medium break-all">{trace.request_id}</code>
      </h1>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <OutcomeBadge outcome={trace.outcome} />
        <span className="text-muted">
          {trace.http_status !== undefined && `HTTP ${trace.http_status}`}
          {trace.outcome === "failed" && isSuccess(trace.http_status) && ", broken off under way"}
          {trace.http_status !== undefined && " · "}
          {formatWholeMs(trace.duration_ms)}
        </span>
        <CopyButton text={trace.request_id} what="request id" variant="quiet" isSmall />
      </div>
    </header>
  );
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status < 400;
}

function Failure({ trace }: { trace: Trace }): ReactNode {
  if (trace.error_code === undefined) return null;
  return (
    <Notice tone={trace.outcome === "failed" ? "bad" : "warn"}>
      <p>
        The caller was told <code className="font-mono text-xs font-semibold">{trace.error_code}</code>.
      </p>
      {trace.error_reason !== undefined && (
        <p className="break-words">
          <span className="text-muted">What happened: </span>
          {trace.error_reason}
        </p>
      )}
    </Notice>
  );
}

function Also({ ids }: { ids: readonly string[] }): ReactNode {
  if (ids.length === 0) return null;
  return (
    <Notice tone="plain">
      <p>This is the newest of several requests that go by this id. The others:</p>
      <ul className="grid gap-1">
        {ids.map((id) => (
          <li key={id}>
            <Link
              to="/requests/$requestId"
              params={{ requestId: id }}
              className="font-mono text-xs break-all text-accent underline"
            >
              {id}
            </Link>
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Summary({ trace }: { trace: Trace }): ReactNode {
  const id = (text: string | undefined): ReactNode =>
    text === undefined ? undefined : <code className="font-mono text-xs break-all">{text}</code>;
  return (
    <Facts
      facts={[
        ["Started", <Time key="time" iso={trace.started_at} />],
        ["Model", id(trace.model)],
        ["Mode", trace.stream ? "stream" : "whole answer"],
        ["Endpoint", id(trace.path)],
        ["Format", trace.door && (trace.door === "openai" ? "OpenAI" : "native")],
        ["Backend", id(trace.backend_id)],
        [
          "API key",
          <Link
            key="key"
            to="/requests"
            search={{ api_key_id: trace.api_key_id }}
            className="font-mono text-xs break-all text-accent underline"
          >
            {trace.api_key_id}
          </Link>,
        ],
        ["User", id(trace.user_id)],
        ["Tenant", id(trace.tenant_id)],
        ["Client", trace.user_agent],
        ["The caller's id", id(trace.client_request_id)],
        ["Trace id", id(trace.trace_id)],
        ["Upstream's id", id(trace.upstream_id)],
      ]}
    />
  );
}

function Dropped({ fields }: { fields: readonly string[] }): ReactNode {
  if (fields.length === 0) return null;
  return (
    <Section title="Left out" lead="Fields of the request that the backend's format has no place for.">
      <ul className="flex flex-wrap gap-2">
        {fields.map((field) => (
          <li key={field}>
            <code className="rounded bg-raised px-1.5 py-0.5 font-mono text-xs break-all">{field}</code>
          </li>
        ))}
      </ul>
    </Section>
  );
}
