import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, PageHeader, Section } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { BrokenStreamsSection } from "../levels/broken-streams-section.tsx";
import type { Level } from "../levels/kinds.ts";
import { levelQuery } from "../levels/queries.ts";
import { healthQuery } from "../nodes/queries.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { TenantDialog } from "./tenant-dialog.tsx";

/** What can be set of one's own tenant, and what the gateway is. */
export function SettingsPage(): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const tenant = useQuery(levelQuery(api, "tenant", me.tenant.id));
  return (
    <>
      <PageHeader
        title="Settings"
        lead="Of your tenant. Your own password and sessions are under your account."
        actions={
          <Link to="/account" className={buttonClass("secondary")}>
            Your account
          </Link>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {tenant.error && <FailureNotice error={tenant.error} onRetry={() => void tenant.refetch()} />}
        {tenant.isPending && <Loading what="the settings" />}
        {tenant.data && (
          <>
            <TenantSection tenant={tenant.data} onReload={async () => (await tenant.refetch()).data} />
            <BrokenStreamsSection kind="tenant" level={tenant.data} onReload={() => void tenant.refetch()} />
          </>
        )}
        {may(me, "platform:manage") && <GatewaySection />}
      </div>
    </>
  );
}

interface TenantSectionProps {
  readonly tenant: Versioned<Level>;
  readonly onReload: () => Promise<Versioned<Level> | undefined>;
}

function TenantSection({ tenant, onReload }: TenantSectionProps): ReactNode {
  const me = useMe();
  const [changing, setChanging] = useState<Versioned<Level>>();
  const { display_name: name, slug, time_zone: zone, created_at: at } = tenant.data;
  return (
    <Section
      title="Tenant"
      actions={may(me, "users:manage") && <Button onClick={() => setChanging(tenant)}>Change tenant</Button>}
    >
      <Facts
        facts={[
          ["Name", name],
          ["Slug", slug],
          ["Time zone", zone],
          ["Partner", me.partner.display_name],
          ["Currency", me.currency],
          ["Added", <Time key="added" iso={at} />],
        ]}
      />
      {changing && (
        <TenantDialog
          key={changing.version}
          tenant={changing}
          onReload={() => void onReload().then(setChanging)}
          onClose={() => setChanging(undefined)}
        />
      )}
    </Section>
  );
}

/** For those who run it. */
function GatewaySection(): ReactNode {
  const { api } = useApp();
  const health = useQuery(healthQuery(api));
  const isReady = health.data?.status === "ready";
  return (
    <Section
      title="Gateway"
      lead="Set by its environment and its configuration file."
      actions={
        health.data && <Badge tone={isReady ? "good" : "bad"}>{isReady ? "Ready" : "Not ready"}</Badge>
      }
    >
      {health.error && <FailureNotice error={health.error} onRetry={() => void health.refetch()} />}
      {health.data && (
        <Facts
          facts={[
            ["Version", health.data.version],
            ["Store", health.data.engine === "sqlite" ? "SQLite" : "PostgreSQL"],
            ["Host", health.data.host],
            ["Started", <Time key="started" iso={health.data.started_at} />],
            [
              "Reference",
              <a key="docs" href="/docs" className="text-accent underline">
                API
              </a>,
            ],
            [
              "Processes",
              <Link key="nodes" to="/nodes" className="text-accent underline">
                Nodes
              </Link>,
            ],
          ]}
        />
      )}
    </Section>
  );
}
