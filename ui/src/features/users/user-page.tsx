import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import type { Invitation, User } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button } from "../../components/button.tsx";
import { Facts } from "../../components/facts.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Loading, PageHeader, Section } from "../../components/page.tsx";
import { RenameDialog } from "../../components/rename-dialog.tsx";
import { Time } from "../../components/time.tsx";
import { SessionsSection } from "../account/sessions-section.tsx";
import { LimitsSection } from "../limits/limits-section.tsx";
import { useMe } from "../session/me-context.ts";
import { roomsOf } from "../session/rooms.ts";
import { Ending } from "./ending.tsx";
import { AccessStatus } from "./facts.tsx";
import { InvitationLink } from "./invitation-link.tsx";
import { userPath, userQuery } from "./queries.ts";
import { RolesSection } from "./roles-section.tsx";

const route = getRouteApi("/shell/access/users/$userId");

/** One user: what they may do, how they get in, and their end. */
export function UserPage(): ReactNode {
  const { api } = useApp();
  const { userId } = route.useParams();
  const user = useQuery(userQuery(api, userId));
  const reload = async (): Promise<Versioned<User> | undefined> => (await user.refetch()).data;
  return (
    <>
      <BackLink to="/access/users">Users</BackLink>
      {user.data === undefined && <PageHeader title="User" />}
      {user.isPending && <Loading what="the user" />}
      {user.error && <FailureNotice error={user.error} onRetry={() => void user.refetch()} />}
      {user.data && <UserView user={user.data} onReload={reload} />}
    </>
  );
}

interface UserViewProps {
  readonly user: Versioned<User>;
  readonly onReload: () => Promise<Versioned<User> | undefined>;
}

function UserView({ user, onReload }: UserViewProps): ReactNode {
  const { data } = user;
  const [renaming, setRenaming] = useState<Versioned<User>>();
  const isSelf = useMe().user.id === data.id;
  return (
    <>
      <PageHeader
        title={data.display_name}
        actions={<Button onClick={() => setRenaming(user)}>Rename</Button>}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <Section title="Account" actions={<AccessStatus status={data.status} />}>
          <Account user={data} />
        </Section>
        <RolesSection user={user} isSelf={isSelf} onReload={() => void onReload()} />
        <LimitsSection
          level="user"
          path={userPath(data.id)}
          limits={data.rate_limits}
          version={user.version}
          refresh="users"
          onReload={() => void onReload()}
          isSelf={isSelf}
        />
        {data.kind === "human" && data.email !== undefined && <SignIn user={data} />}
        {data.kind === "human" && <SessionsSection user={data} />}
        {!isSelf && <Ending user={user} onReload={() => void onReload()} />}
      </div>
      {renaming && (
        <RenameDialog
          key={renaming.version}
          path={userPath(data.id)}
          name={renaming.data.display_name}
          version={renaming.version}
          refresh="users"
          onReload={async () => setRenaming(await onReload())}
          onClose={() => setRenaming(undefined)}
        />
      )}
    </>
  );
}

function Account({ user }: { user: User }): ReactNode {
  const mayAudit = roomsOf(useMe()).some(({ to }) => to === "/access/audit-log");
  const code = (text: string): ReactNode => <code className="font-mono text-xs break-all">{text}</code>;
  return (
    <Facts
      facts={[
        ["Kind", user.kind === "human" ? "Person" : "Service"],
        ["E-mail", user.email],
        ["Added", <Time key="time" iso={user.created_at} />],
        ["Id", code(user.id)],
        ["Tenant", code(user.tenant_id)],
        ["Changes", mayAudit ? <AuditLink key="audit" userId={user.id} /> : undefined],
      ]}
    />
  );
}

function AuditLink({ userId }: { userId: string }): ReactNode {
  return (
    <Link to="/access/audit-log" search={{ resource_id: userId }} className="text-accent underline">
      In the audit log
    </Link>
  );
}

function SignIn({ user }: { user: User }): ReactNode {
  const { api } = useApp();
  const invite = useAction({
    call: () => api.data<Invitation>("POST", `${userPath(user.id)}/invitation`),
    said: () => "The invitation is ready.",
  });
  if (invite.result) return <InvitationLink invitation={invite.result} />;
  return (
    <Section title="Sign-in">
      <div className="grid gap-3">
        <p className="text-muted">
          A new link sets a password, the first or another; links made before stop working.
        </p>
        {invite.error && <FailureNotice error={invite.error} />}
        <div>
          <Button busy={invite.isPending} onClick={() => invite.run()}>
            Make an invitation link
          </Button>
        </div>
      </div>
    </Section>
  );
}
