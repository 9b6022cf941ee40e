import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { ApiFailure } from "../../api/failure.ts";
import { SelectField } from "../../components/field.tsx";
import { KeyPicker } from "../api-keys/key-picker.tsx";
import { groupChoicesQuery } from "../groups/queries.ts";
import { levelsQuery } from "../levels/queries.ts";
import { TenantField } from "../levels/tenant-field.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { UserPicker } from "../users/user-picker.tsx";
import type { SubjectKind } from "./names.tsx";

/** Which one of a kind. The id is that of a group, a user, a key or a partner; a tenant is one by itself. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly tenantId: string;
  readonly id: string;
}

interface SubjectFieldProps {
  readonly subject: Subject;
  readonly onPick: (subject: Subject) => void;
  readonly failure: ApiFailure | undefined;
  /** What the API calls the id. */
  readonly field: string;
}

/** Chooses the tenant where there are several, and in it what is meant. */
export function SubjectField({ subject, onPick, failure, field }: SubjectFieldProps): ReactNode {
  const problem = failure?.problemOf(field);
  const pickTenant = (tenantId: string): void => onPick({ ...subject, tenantId, id: "" });
  if (subject.kind === "partner") return <PartnerField subject={subject} onPick={onPick} problem={problem} />;
  return (
    <>
      <TenantField
        value={subject.tenantId}
        onChange={pickTenant}
        problem={failure?.problemOf("tenant_id") ?? (subject.kind === "tenant" ? problem : undefined)}
      />
      <WithinTenant
        kind={subject.kind}
        tenantId={subject.tenantId}
        value={subject.id}
        onPick={(id) => onPick({ ...subject, id })}
        problem={problem}
      />
    </>
  );
}

interface WithinTenantProps {
  readonly kind: Exclude<SubjectKind, "partner">;
  readonly tenantId: string;
  readonly value: string;
  readonly onPick: (id: string) => void;
  readonly problem: string | undefined;
}

function WithinTenant({ kind, ...shared }: WithinTenantProps): ReactNode {
  switch (kind) {
    case "tenant":
      return null;
    case "group":
      return <GroupField {...shared} />;
    case "user":
      return <UserPicker {...shared} nobody="Choose one…" />;
    case "api_key":
      return <KeyPicker {...shared} />;
  }
}

function GroupField({ tenantId, value, onPick, problem }: Omit<WithinTenantProps, "kind">): ReactNode {
  const { api } = useApp();
  const groups = useQuery(groupChoicesQuery(api, tenantId));
  return (
    <SelectField
      label="Group"
      required
      value={value}
      onChange={(event) => onPick(event.target.value)}
      hint={groups.data?.length === 0 ? "There is no group yet." : undefined}
      problem={problem}
    >
      <option value="">Choose one…</option>
      {groups.data?.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}

interface PartnerFieldProps {
  readonly subject: Subject;
  readonly onPick: (subject: Subject) => void;
  readonly problem: string | undefined;
}

/** Everybody but the platform has one partner alone: their own. */
function PartnerField({ subject, onPick, problem }: PartnerFieldProps): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const isPlatform = may(me, "platform:manage");
  const partners = useQuery({ ...levelsQuery(api, "partner", {}, undefined), enabled: isPlatform });
  const choices = isPlatform ? (partners.data?.items ?? []) : [me.partner];
  return (
    <SelectField
      label="Partner"
      required
      value={subject.id}
      onChange={(event) => onPick({ ...subject, id: event.target.value })}
      problem={problem}
    >
      <option value="">Choose one…</option>
      {choices.map(({ id, display_name: name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
