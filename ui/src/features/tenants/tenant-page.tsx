import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import type { Tenant } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Facts } from "../../components/facts.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, PageHeader, Section } from "../../components/page.tsx";
import { RenameDialog } from "../../components/rename-dialog.tsx";
import { Time } from "../../components/time.tsx";
import { useMe } from "../session/me-context.ts";
import { AccessStatus } from "../users/facts.tsx";
import { tenantPath, tenantQuery } from "./queries.ts";

const route = getRouteApi("/shell/access/tenants/$tenantId");

/** One tenant. */
export function TenantPage(): ReactNode {
  const { api } = useApp();
  const { tenantId } = route.useParams();
  const tenant = useQuery(tenantQuery(api, tenantId));
  return (
    <>
      <BackLink to="/access/tenants">Tenants</BackLink>
      {tenant.data === undefined && <PageHeader title="Tenant" />}
      {tenant.isPending && <Loading what="the tenant" />}
      {tenant.error && <FailureNotice error={tenant.error} onRetry={() => void tenant.refetch()} />}
      {tenant.data && (
        <TenantView tenant={tenant.data} onReload={async () => (await tenant.refetch()).data} />
      )}
    </>
  );
}

interface TenantViewProps {
  readonly tenant: Versioned<Tenant>;
  readonly onReload: () => Promise<Versioned<Tenant> | undefined>;
}

function TenantView({ tenant, onReload }: TenantViewProps): ReactNode {
  const { data } = tenant;
  const isOwn = useMe().tenant.id === data.id;
  const [renaming, setRenaming] = useState<Versioned<Tenant>>();
  return (
    <>
      <PageHeader
        title={data.display_name}
        actions={<Button onClick={() => setRenaming(tenant)}>Rename</Button>}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <Section title="Tenant" actions={<AccessStatus status={data.status} />}>
          <TenantFacts tenant={data} />
        </Section>
        {!isOwn && <Ending tenant={tenant} onReload={onReload} />}
      </div>
      {renaming && (
        <RenameDialog
          key={renaming.version}
          path={tenantPath(data.id)}
          name={renaming.data.display_name}
          version={renaming.version}
          refresh="tenants"
          onReload={async () => setRenaming(await onReload())}
          onClose={() => setRenaming(undefined)}
        />
      )}
    </>
  );
}

function TenantFacts({ tenant }: { tenant: Tenant }): ReactNode {
  const code = (text: string): ReactNode => <code className="font-mono text-xs break-all">{text}</code>;
  return (
    <Facts
      facts={[
        ["Slug", code(tenant.slug)],
        ["Time zone", tenant.time_zone],
        ["Added", <Time key="time" iso={tenant.created_at} />],
        ["Id", code(tenant.id)],
        ["Partner", code(tenant.partner_id)],
        [
          "Users",
          <Link
            key="users"
            to="/access/users"
            search={{ tenant_id: tenant.id }}
            className="text-accent underline"
          >
            Its users
          </Link>,
        ],
      ]}
    />
  );
}

function Ending({ tenant: { data, version }, onReload }: TenantViewProps): ReactNode {
  const { api } = useApp();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"suspend" | "delete">();
  const isActive = data.status === "active";
  const question = asking === "delete" ? "delete" : isActive ? "suspend" : "resume";
  const close = (): void => setAsking(undefined);
  const suspend = useAction({
    call: () => {
      const body = { status: isActive ? "suspended" : "active" };
      return api.data("PATCH", tenantPath(data.id), { body, ifVersion: version });
    },
    refresh: ["tenants"],
    said: () => (isActive ? "Suspended." : "Resumed."),
    onDone: close,
  });
  const remove = useAction({
    call: () => api.data("DELETE", tenantPath(data.id)),
    refresh: ["tenants"],
    said: () => "Deleted.",
    onDone: () => void navigate({ to: "/access/tenants" }),
  });
  return (
    <Section title="Suspend or delete" lead="A tenant that has users or models cannot be deleted.">
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setAsking("suspend")}>{isActive ? "Suspend" : "Resume"}</Button>
        <Button onClick={() => setAsking("delete")}>Delete</Button>
      </div>
      {asking !== undefined && (
        <ConfirmDialog
          {...QUESTIONS[question]}
          isPending={suspend.isPending || remove.isPending}
          error={asking === "delete" ? remove.error : suspend.error}
          onConfirm={() => (asking === "delete" ? remove : suspend).run()}
          onReload={suspend.afresh(() => void onReload())}
          onClose={close}
        >
          <p className="break-words">
            <strong>{data.display_name}</strong>: {CONSEQUENCES[question]}
          </p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

const QUESTIONS = {
  suspend: { title: "Suspend this tenant?", action: "Suspend", isDanger: true },
  resume: { title: "Let this tenant go on?", action: "Resume", isDanger: false },
  delete: { title: "Delete this tenant?", action: "Delete", isDanger: true },
} as const;
const CONSEQUENCES = {
  suspend:
    "all its users and keys are refused from now on, and what they have in flight is cut. Nothing is lost.",
  resume: "its keys work again, and its people can sign in.",
  delete: "it is gone for good; its usage stays.",
} as const;
