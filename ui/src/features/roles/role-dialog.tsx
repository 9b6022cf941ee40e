import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { CustomRole } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Ticks } from "../../components/ticks.tsx";
import { slugOf } from "../../lib/slug.ts";
import { TenantField } from "../levels/tenant-field.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { customRoleQuery, rolesQuery } from "../users/queries.ts";

const NAME_CHARS_MAX = 200;
/** The built-in role that has all a custom role can have: both end at their tenant. */
const WIDEST = "tenant_admin";
const PATH = "/v1/iam/custom-roles";

/** A custom role: the one of this id as it is now, or a new one. */
export function RoleDialog({ id, onClose }: { id?: string; onClose: () => void }): ReactNode {
  const { api } = useApp();
  const role = useQuery({ ...customRoleQuery(api, id ?? ""), enabled: id !== undefined });
  if (id === undefined) return <RoleForm onClose={onClose} />;
  if (role.data) {
    return (
      <RoleForm
        key={role.data.version}
        role={role.data}
        onReload={() => void role.refetch()}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title="Edit the role" onClose={onClose}>
      {role.error ? <FailureNotice error={role.error} /> : <p className="text-muted">Loading…</p>}
    </Dialog>
  );
}

interface RoleFormProps {
  readonly role?: Versioned<CustomRole>;
  readonly onReload?: () => void;
  readonly onClose: () => void;
}

function RoleForm({ role, onReload, onClose }: RoleFormProps): ReactNode {
  const { api } = useApp();
  const [name, setName] = useState(role?.data.name ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(role?.data.core_permissions));
  const [tenantId, setTenantId] = useState(useMe().tenant.id);
  const save = useAction({
    call: () => {
      const body = { name, core_permissions: [...chosen] };
      if (!role)
        return api.data("POST", PATH, { body: { ...body, slug: slugOf(name), tenant_id: tenantId } });
      const path = `${PATH}/${encodeURIComponent(role.data.id)}`;
      return api.data("PATCH", path, { body, ifVersion: role.version });
    },
    refresh: ["custom-roles"],
    said: () => (role ? "Saved the role." : "The role has been added."),
    onDone: onClose,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  const slug = role?.data.slug ?? slugOf(name);
  return (
    <FormDialog
      title={role ? "Edit the role" : "Add a custom role"}
      action={role ? "Save" : "Add"}
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      {...(onReload && { onReload })}
      onClose={onClose}
      isWide
    >
      <TextField
        label="Name"
        required
        maxLength={NAME_CHARS_MAX}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
        hint={slug === "" ? undefined : `Its slug: ${slug}`}
        problem={failure?.problemOf("name") ?? failure?.problemOf("slug")}
      />
      {!role && (
        <TenantField value={tenantId} onChange={setTenantId} problem={failure?.problemOf("tenant_id")} />
      )}
      <PermissionTicks chosen={chosen} onChoose={setChosen} />
    </FormDialog>
  );
}

interface PermissionTicksProps {
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

function PermissionTicks({ chosen, onChoose }: PermissionTicksProps): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const roles = useQuery(rolesQuery(api));
  const all = roles.data?.find(({ name }) => name === WIDEST)?.permissions ?? [];
  const choices = all.filter((name) => may(me, name)).map((name) => ({ name, words: name }));
  return <Ticks legend="Permissions" isCode choices={choices} chosen={chosen} onChange={onChoose} />;
}
