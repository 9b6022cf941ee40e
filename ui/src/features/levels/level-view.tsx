import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Facts } from "../../components/facts.tsx";
import { OnePage } from "../../components/one-page.tsx";
import { PageHeader, Section } from "../../components/page.tsx";
import { RenameDialog } from "../../components/rename-dialog.tsx";
import { Time } from "../../components/time.tsx";
import { capitalized } from "../../lib/format.ts";
import { LimitsSection } from "../limits/limits-section.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { AccessStatus } from "../users/facts.tsx";
import { BrokenStreamsSection } from "./broken-streams-section.tsx";
import { GrantsSection } from "./grants-section.tsx";
import { LEVELS, levelPath } from "./kinds.ts";
import type { Level, LevelKind } from "./kinds.ts";
import { levelQuery } from "./queries.ts";

/** One partner, or one tenant. */
export function LevelPage({ kind, id }: { kind: LevelKind; id: string }): ReactNode {
  const { api } = useApp();
  const { one, many, list } = LEVELS[kind];
  const level = useQuery(levelQuery(api, kind, id));
  return (
    <OnePage list={list} listName={capitalized(many)} title={capitalized(one)} query={level}>
      {(data) => <LevelView kind={kind} level={data} onReload={async () => (await level.refetch()).data} />}
    </OnePage>
  );
}

interface LevelViewProps {
  readonly kind: LevelKind;
  readonly level: Versioned<Level>;
  readonly onReload: () => Promise<Versioned<Level> | undefined>;
}

function LevelView({ kind, level, onReload }: LevelViewProps): ReactNode {
  const { data } = level;
  const { one, many } = LEVELS[kind];
  const me = useMe();
  const isOwn = me[kind].id === data.id;
  const mayGrants = may(me, "models:manage");
  const [renaming, setRenaming] = useState<Versioned<Level>>();
  const path = levelPath(kind, data.id);
  return (
    <>
      <PageHeader
        title={data.display_name}
        actions={<Button onClick={() => setRenaming(level)}>Rename</Button>}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <Section title={capitalized(one)} actions={<AccessStatus status={data.status} />}>
          <LevelFacts kind={kind} level={data} />
        </Section>
        <LimitsSection
          level={kind}
          path={path}
          limits={data.rate_limits}
          version={level.version}
          refresh={many}
          onReload={() => void onReload()}
        />
        <BrokenStreamsSection kind={kind} level={level} onReload={() => void onReload()} />
        {mayGrants && <GrantsSection kind={kind} id={data.id} />}
        {!isOwn && <Ending kind={kind} level={level} onReload={onReload} />}
      </div>
      {renaming && (
        <RenameDialog
          key={renaming.version}
          path={path}
          name={renaming.data.display_name}
          version={renaming.version}
          refresh={many}
          onReload={async () => setRenaming(await onReload())}
          onClose={() => setRenaming(undefined)}
        />
      )}
    </>
  );
}

function LevelFacts({ kind, level }: { kind: LevelKind; level: Level }): ReactNode {
  const code = (text: string): ReactNode => <code className="font-mono text-xs break-all">{text}</code>;
  const users = (
    <Link to="/access/users" search={{ tenant_id: level.id }} className="text-accent underline">
      Its users
    </Link>
  );
  return (
    <Facts
      facts={[
        ["Slug", code(level.slug)],
        ["Time zone", level.time_zone],
        ["Added", <Time key="time" iso={level.created_at} />],
        ["Id", code(level.id)],
        ["Partner", level.partner_id === undefined ? undefined : code(level.partner_id)],
        ["Users", kind === "tenant" ? users : undefined],
      ]}
    />
  );
}

function Ending({ kind, level: { data, version }, onReload }: LevelViewProps): ReactNode {
  const { api } = useApp();
  const navigate = useNavigate();
  const { one, many, list, inUse, suspension } = LEVELS[kind];
  const [asking, setAsking] = useState<"suspend" | "delete">();
  const isActive = data.status === "active";
  const question = asking === "delete" ? "delete" : isActive ? "suspend" : "resume";
  const close = (): void => setAsking(undefined);
  const suspend = useAction({
    call: () => {
      const body = { status: isActive ? "suspended" : "active" };
      return api.data("PATCH", levelPath(kind, data.id), { body, ifVersion: version });
    },
    refresh: [many],
    said: () => (isActive ? "Suspended." : "Resumed."),
    onDone: close,
  });
  const remove = useAction({
    call: () => api.data("DELETE", levelPath(kind, data.id)),
    refresh: [many],
    said: () => "Deleted.",
    onDone: () => void navigate({ to: list }),
  });
  const { title, action, isDanger } = QUESTIONS[question];
  return (
    <Section title="Suspend or delete" lead={inUse}>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setAsking("suspend")}>{isActive ? "Suspend" : "Resume"}</Button>
        <Button onClick={() => setAsking("delete")}>Delete</Button>
      </div>
      {asking !== undefined && (
        <ConfirmDialog
          title={title(one)}
          action={action}
          isDanger={isDanger}
          isPending={suspend.isPending || remove.isPending}
          error={asking === "delete" ? remove.error : suspend.error}
          onConfirm={() => (asking === "delete" ? remove : suspend).run()}
          onReload={suspend.afresh(() => void onReload())}
          onClose={close}
        >
          <p className="break-words">
            <strong>{data.display_name}</strong>: {{ ...CONSEQUENCES, suspend: suspension }[question]}
          </p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

const QUESTIONS = {
  suspend: { title: (one: string) => `Suspend this ${one}?`, action: "Suspend", isDanger: true },
  resume: { title: (one: string) => `Let this ${one} go on?`, action: "Resume", isDanger: false },
  delete: { title: (one: string) => `Delete this ${one}?`, action: "Delete", isDanger: true },
} as const;
const CONSEQUENCES = {
  resume: "its keys work again, and its people can sign in.",
  delete: "it is gone for good; its usage stays.",
} as const;
