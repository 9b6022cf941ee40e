import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Me } from "../../api/types.ts";
import { buttonClass } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, PageHeader, Section } from "../../components/page.tsx";
import { BudgetsSection } from "../budgets/budgets-section.tsx";
import { LEVELS, levelPath } from "../levels/kinds.ts";
import type { LevelKind } from "../levels/kinds.ts";
import { levelQuery } from "../levels/queries.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { BlockedSection } from "./blocked-section.tsx";
import { LimitsSection } from "./limits-section.tsx";
import { limitWords } from "./limits.ts";

const route = getRouteApi("/shell/limits");

/** Limits: budgets, why something was refused, what holds for one's own calls, and the levels one may change. */
export function LimitsPage(): ReactNode {
  const me = useMe();
  const { cursor, request } = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: { cursor?: string | undefined; request?: string | undefined }): void =>
    void navigate({ search: (now) => ({ ...now, ...next }), resetScroll: false });
  return (
    <>
      <PageHeader
        title="Limits"
        lead="What may be used in a period, and how fast. Of all that hold for a call, the tightest decides."
        actions={
          <Link to="/requests" search={{ outcome: "refused" }} className={buttonClass("secondary")}>
            What was refused
          </Link>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {may(me, "accounting:view_own") && (
          <>
            <BudgetsSection cursor={cursor} onGo={(next) => go({ cursor: next })} />
            <BlockedSection requestId={request} onAsk={(next) => go({ request: next })} />
          </>
        )}
        <Section
          title="Rate limits of your calls"
          lead={`As ${me.user.email ?? me.user.display_name}. Every call counts at its key, its user, its tenant and its partner, in any 60 seconds.`}
        >
          <DataTable
            caption="Your limits"
            columns={COLUMNS}
            rows={rowsOf(me)}
            isInset
            keyOf={({ level }) => level}
          />
        </Section>
        {may(me, "users:manage") && <LevelLimits kind="tenant" />}
        {may(me, "partner:manage") && <LevelLimits kind="partner" />}
      </div>
    </>
  );
}

interface Row {
  readonly level: string;
  readonly name?: string;
  readonly requests: number;
  readonly tokens: number;
  readonly atOnce: number;
}

function rowsOf(me: Me): readonly Row[] {
  const row = (level: keyof Me["rate_limits"], words: string, name?: string): Row => ({
    level: words,
    ...(name !== undefined && { name }),
    requests: me.rate_limits[level],
    tokens: me.token_limits[level],
    atOnce: me.concurrency_limits[level],
  });
  return [
    row("key", "Each key", "unless it has limits of its own"),
    row("user", "User", me.user.display_name),
    row("tenant", "Tenant", me.tenant.display_name),
    row("partner", "Partner", me.partner.display_name),
  ];
}

const COLUMNS: readonly Column<Row>[] = [
  {
    header: "Level",
    isHeader: true,
    cell: ({ level, name }) => (
      <div className="min-w-24">
        <span className="block font-medium">{level}</span>
        <span className="block max-w-64 text-xs break-words text-muted">{name}</span>
      </div>
    ),
  },
  { header: "Requests per minute", align: "right", cell: ({ requests }) => limitWords(requests) },
  { header: "Tokens per minute", align: "right", cell: ({ tokens }) => limitWords(tokens) },
  { header: "Requests at once", align: "right", cell: ({ atOnce }) => limitWords(atOnce) },
];

/** The limits of one's own tenant or partner. */
function LevelLimits({ kind }: { kind: LevelKind }): ReactNode {
  const { api } = useApp();
  const { id, display_name: name } = useMe()[kind];
  const level = useQuery(levelQuery(api, kind, id));
  if (level.error) return <FailureNotice error={level.error} onRetry={() => void level.refetch()} />;
  if (!level.data) return <Loading what={`the limits of the ${kind}`} />;
  const { data, version } = level.data;
  return (
    <LimitsSection
      level={kind}
      title={`Limits of the ${kind} ${name}`}
      path={levelPath(kind, id)}
      limits={data.rate_limits}
      version={version}
      refresh={LEVELS[kind].many}
      onReload={() => void level.refetch()}
    />
  );
}
