import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import type { CreatedUser } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { BackLink } from "../../components/back-link.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { PAGE_TITLE_ID, PageHeader } from "../../components/page.tsx";
import { formatName } from "../../lib/format.ts";
import { TenantField } from "../levels/tenant-field.tsx";
import { useMe } from "../session/me-context.ts";
import { InvitationLink } from "./invitation-link.tsx";
import { rolesQuery } from "./queries.ts";

const NAME_CHARS_MAX = 200;

interface Typed {
  readonly kind: CreatedUser["kind"];
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly tenantId: string;
}

const EMPTY = { kind: "human", name: "", email: "", role: "tenant_user" } as const;

/** Access → Users → Add: for a person it ends with the link that lets them in. */
export function CreateUserPage(): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const navigate = useNavigate();
  const [created, setCreated] = useState<CreatedUser>();
  const [typed, setTyped] = useState<Typed>({ ...EMPTY, tenantId: me.tenant.id });
  const add = useAction({
    call: () => api.data<CreatedUser>("POST", "/v1/users", { body: bodyOf(typed) }),
    refresh: ["users"],
    said: () => "The user has been added.",
    onDone: (user) => {
      if (user.invitation) setCreated(user);
      else void navigate({ to: "/access/users/$userId", params: { userId: user.id } });
    },
  });
  if (created?.invitation) return <Invited user={created} invitation={created.invitation} />;
  const failure = add.error ? asFailure(add.error) : undefined;
  return (
    <>
      <BackLink to="/access/users">Users</BackLink>
      <PageHeader
        title="Add a user"
        lead="A person gets a link to set a password; a service gets API keys."
      />
      <form
        className="grid max-w-xl gap-5 rounded-xl border border-line bg-surface p-5 sm:p-6"
        onSubmit={(event) => {
          event.preventDefault();
          add.run();
        }}
      >
        {failure && <FailureNotice error={failure} />}
        <Fields typed={typed} onType={setTyped} failure={failure} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" busy={add.isPending}>
            {typed.kind === "human" ? "Invite" : "Add"}
          </Button>
          <Link to="/access/users" className={buttonClass("secondary")}>
            Cancel
          </Link>
        </div>
      </form>
    </>
  );
}

function bodyOf({ kind, name, email, role, tenantId }: Typed): object {
  return {
    kind,
    display_name: name,
    ...(email.trim() !== "" && kind === "human" && { email: email.trim() }),
    roles: [role],
    tenant_id: tenantId,
  };
}

interface FieldsProps {
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
  readonly failure: ApiFailure | undefined;
}

function Fields({ typed, onType, failure }: FieldsProps): ReactNode {
  return (
    <>
      <SelectField
        label="Kind"
        value={typed.kind}
        onChange={(event) => {
          onType({ ...typed, kind: event.target.value === "service" ? "service" : "human" });
        }}
      >
        <option value="human">Person, who signs in</option>
        <option value="service">Service, which holds API keys only</option>
      </SelectField>
      <TextField
        label="Name"
        required
        maxLength={NAME_CHARS_MAX}
        autoComplete="off"
        value={typed.name}
        onChange={(event) => onType({ ...typed, name: event.target.value })}
        problem={failure?.problemOf("display_name")}
      />
      {typed.kind === "human" && (
        <TextField
          label="E-mail"
          type="email"
          required
          autoComplete="off"
          value={typed.email}
          onChange={(event) => onType({ ...typed, email: event.target.value })}
          hint="What they sign in with. The gateway sends no mail: you hand on the link."
          problem={failure?.problemOf("email")}
        />
      )}
      <RoleAndTenant typed={typed} onType={onType} failure={failure} />
    </>
  );
}

function RoleAndTenant({ typed, onType, failure }: FieldsProps): ReactNode {
  const { api } = useApp();
  const roles = useQuery(rolesQuery(api));
  return (
    <>
      <SelectField
        label="Role"
        value={typed.role}
        onChange={(event) => onType({ ...typed, role: event.target.value })}
        hint="More roles can be given afterwards. Nobody grants what they do not hold."
        problem={failure?.problemOf("roles")}
      >
        {(roles.data ?? [])
          .filter(({ grantable }) => grantable)
          .map(({ name }) => (
            <option key={name} value={name}>
              {formatName(name)}
            </option>
          ))}
      </SelectField>
      <TenantField
        value={typed.tenantId}
        onChange={(tenantId) => onType({ ...typed, tenantId })}
        problem={failure?.problemOf("tenant_id")}
      />
    </>
  );
}

function Invited({
  user,
  invitation,
}: {
  user: CreatedUser;
  invitation: NonNullable<CreatedUser["invitation"]>;
}): ReactNode {
  useEffect(() => document.getElementById(PAGE_TITLE_ID)?.focus(), []);
  return (
    <>
      <PageHeader
        title={`${user.display_name} has been added`}
        lead="Hand this link on: with it they set their password."
      />
      <div className="grid max-w-2xl gap-5">
        <InvitationLink invitation={invitation} />
        <div className="flex flex-wrap gap-2">
          <Link to="/access/users" className={buttonClass("primary")}>
            Done
          </Link>
          <Link to="/access/users/$userId" params={{ userId: user.id }} className={buttonClass("secondary")}>
            See the user
          </Link>
        </div>
      </div>
    </>
  );
}
