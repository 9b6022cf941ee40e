import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { CustomRole } from "../../api/types.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EmptyState, Loading, PageHeader, Section } from "../../components/page.tsx";
import { formatName } from "../../lib/format.ts";
import { customRolesQuery, rolesQuery } from "../users/queries.ts";
import { DeleteRoleDialog } from "./delete-role-dialog.tsx";
import { RoleDialog } from "./role-dialog.tsx";

/** Access → Roles. */
export function RolesPage(): ReactNode {
  const { api } = useApp();
  const roles = useQuery(rolesQuery(api));
  const [isCreating, setIsCreating] = useState(false);
  const adding = (
    <Button variant="primary" onClick={() => setIsCreating(true)}>
      <Icon name="plus" />
      Add custom role
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Roles"
        lead="Bundles of permissions. A user may have several; nobody grants what they do not hold."
        actions={adding}
      />
      {roles.error && <FailureNotice error={roles.error} onRetry={() => void roles.refetch()} />}
      {roles.isPending && <Loading what="roles" />}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
        <CustomRoles adding={adding} />
        <section className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <h2 className="text-lg font-semibold">Built-in</h2>
          <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
            {roles.data?.map(({ name, permissions, grantable }) => (
              <Section
                key={name}
                title={formatName(name)}
                actions={grantable ? undefined : <Badge tone="plain">Not yours to grant</Badge>}
              >
                <Permissions names={permissions} />
              </Section>
            ))}
          </div>
        </section>
      </div>
      {isCreating && <RoleDialog onClose={() => setIsCreating(false)} />}
    </>
  );
}

function CustomRoles({ adding }: { adding: ReactNode }): ReactNode {
  const { api } = useApp();
  const roles = useQuery(customRolesQuery(api));
  const [deleting, setDeleting] = useState<CustomRole>();
  const [editing, setEditing] = useState<string>();
  return (
    <section className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h2 className="text-lg font-semibold">Custom</h2>
      {roles.error && <FailureNotice error={roles.error} onRetry={() => void roles.refetch()} />}
      {roles.data?.length === 0 && (
        <EmptyState
          title="No custom roles yet"
          why="Where the built-in ones do not fit, a role of your own adds single permissions to them."
          action={adding}
        />
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 lg:grid-cols-2">
        {roles.data?.map((role) => (
          <Section
            key={role.id}
            title={role.name}
            lead={role.slug}
            actions={
              <div className="flex gap-1">
                <Button variant="quiet" aria-label={`Edit ${role.name}`} onClick={() => setEditing(role.id)}>
                  Edit
                </Button>
                <Button variant="quiet" aria-label={`Delete ${role.name}`} onClick={() => setDeleting(role)}>
                  Delete
                </Button>
              </div>
            }
          >
            {role.description !== undefined && <p className="mb-3 break-words">{role.description}</p>}
            <Permissions names={role.core_permissions} />
          </Section>
        ))}
      </div>
      {editing !== undefined && <RoleDialog id={editing} onClose={() => setEditing(undefined)} />}
      {deleting && <DeleteRoleDialog role={deleting} onClose={() => setDeleting(undefined)} />}
    </section>
  );
}

function Permissions({ names }: { names: readonly string[] }): ReactNode {
  if (names.length === 0) return <p className="text-muted">No permissions.</p>;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {names.map((name) => (
        <li key={name}>
          <code className="rounded bg-raised px-1.5 py-0.5 font-mono text-xs break-all">{name}</code>
        </li>
      ))}
    </ul>
  );
}
