import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { CustomRole, Group, RoleMapping } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import type { Column } from "../../components/data-table.tsx";
import { SelectField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";
import { Ticks } from "../../components/ticks.tsx";
import { formatName } from "../../lib/format.ts";
import { customRolesQuery, rolesQuery } from "../users/queries.ts";
import { mappingsQuery } from "./queries.ts";

const REFRESH = ["role-mappings", "users"];
const STAYS = "stays";

/** The roles that a group gives to its members, present and to come. */
export function MappingsSection({ group }: { group: Group }): ReactNode {
  const { api } = useApp();
  const mappings = useQuery(mappingsQuery(api, group.id));
  const custom = useQuery(customRolesQuery(api, group.tenant_id));
  const remove = useAction({
    call: ({ id }: RoleMapping) => api.data("DELETE", `/v1/role-mappings/${encodeURIComponent(id)}`),
    refresh: REFRESH,
    said: () => "The role has been taken from the group.",
  });
  const error = mappings.error ?? custom.error;
  return (
    <Section title="Roles" lead="All members have them, from their next call on.">
      <div className="grid gap-5">
        {error && <FailureNotice error={error} onRetry={() => void mappings.refetch()} />}
        {remove.error && <FailureNotice error={remove.error} />}
        {mappings.data?.length === 0 && <p className="text-muted">This group gives no role yet.</p>}
        {mappings.data && mappings.data.length > 0 && (
          <DataTable
            caption="Roles of the group"
            columns={columns(custom.data ?? [], remove.run)}
            rows={mappings.data}
            isInset
            keyOf={({ id }) => id}
          />
        )}
        <AddMapping group={group} custom={custom.data ?? []} />
      </div>
    </Section>
  );
}

function roleOf({ role, custom_role_id: id }: RoleMapping, custom: readonly CustomRole[]): string {
  if (role !== undefined) return formatName(role);
  return custom.find((each) => each.id === id)?.name ?? id ?? "";
}

function columns(
  custom: readonly CustomRole[],
  onRemove: (mapping: RoleMapping) => void,
): readonly Column<RoleMapping>[] {
  return [
    {
      header: "Role",
      isHeader: true,
      cell: (mapping) => <span className="font-medium break-words">{roleOf(mapping, custom)}</span>,
    },
    {
      header: "Who leaves the group",
      cell: ({ auto_revoke: isRevoked }) => (isRevoked ? "loses it" : "keeps it"),
    },
    {
      header: "Actions",
      align: "right",
      cell: (mapping) => (
        <Button
          variant="quiet"
          aria-label={`Remove ${roleOf(mapping, custom)}`}
          onClick={() => onRemove(mapping)}
        >
          Remove
        </Button>
      ),
    },
  ];
}

function AddMapping({ group, custom }: { group: Group; custom: readonly CustomRole[] }): ReactNode {
  const { api } = useApp();
  const [chosen, setChosen] = useState("");
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const add = useAction({
    call: () => {
      const isCustom = custom.some(({ id }) => id === chosen);
      const role = isCustom ? { custom_role_id: chosen } : { role: chosen };
      const body = { group_id: group.id, ...role, auto_revoke: !ticked.has(STAYS) };
      return api.data("POST", "/v1/role-mappings", { body });
    },
    refresh: REFRESH,
    said: () => "The group gives this role.",
    onDone: () => setChosen(""),
  });
  return (
    <form
      className="grid gap-3 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== "") add.run();
      }}
    >
      {add.error && <FailureNotice error={add.error} />}
      <RoleField custom={custom} value={chosen} onPick={setChosen} />
      <Ticks
        legend="When somebody leaves"
        isLegendHidden
        choices={[{ name: STAYS, words: "Who leaves the group keeps the role" }]}
        chosen={ticked}
        onChange={setTicked}
      />
      <div>
        <Button type="submit" busy={add.isPending}>
          Give the role
        </Button>
      </div>
    </form>
  );
}

interface RoleFieldProps {
  readonly custom: readonly CustomRole[];
  readonly value: string;
  readonly onPick: (role: string) => void;
}

function RoleField({ custom, value, onPick }: RoleFieldProps): ReactNode {
  const { api } = useApp();
  const roles = useQuery(rolesQuery(api));
  return (
    <div className="max-w-md">
      <SelectField
        label="Another role"
        value={value}
        onChange={(event) => onPick(event.target.value)}
        hint="Nobody gives what they do not hold, nor to a group they are in."
      >
        <option value="">Choose one…</option>
        {(roles.data ?? [])
          .filter(({ grantable }) => grantable)
          .map(({ name }) => (
            <option key={name} value={name}>
              {formatName(name)}
            </option>
          ))}
        {custom.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
