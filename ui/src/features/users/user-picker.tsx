import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { User } from "../../api/types.ts";
import { SelectField, TextField } from "../../components/field.tsx";
import { useSettled } from "../../lib/settled.ts";
import { usersQuery } from "./queries.ts";

const TYPING_PAUSE_MS = 300;

interface UserPickerProps {
  /** Whose users. */
  readonly tenantId: string;
  /** The id of the chosen one; empty where nobody is. */
  readonly value: string;
  readonly onPick: (userId: string) => void;
  /** What choosing nobody means. */
  readonly nobody: string;
  readonly problem?: string | undefined;
}

/** One user of a tenant: found by a part of the name or e-mail, then chosen. */
export function UserPicker({ tenantId, value, onPick, nobody, problem }: UserPickerProps): ReactNode {
  const { api } = useApp();
  const [typed, setTyped] = useState("");
  const q = useSettled(typed.trim(), TYPING_PAUSE_MS);
  const filter = { tenant_id: tenantId, ...(q !== "" && { q }) };
  const users = useQuery(usersQuery(api, filter, undefined));
  const items = users.data?.items ?? [];
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        label="Find a user"
        type="search"
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder="Part of a name or e-mail"
      />
      <SelectField
        label="User"
        value={value}
        onChange={(event) => onPick(event.target.value)}
        hint={users.data?.nextCursor === undefined ? undefined : "There are more: type a part of the name."}
        problem={problem}
      >
        <option value="">{nobody}</option>
        {/* Chosen before something else was searched for. */}
        {value !== "" && !items.some(({ id }) => id === value) && <option value={value}>{value}</option>}
        {items.map((user) => (
          <option key={user.id} value={user.id}>
            {userWords(user)}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

function userWords({ display_name: name, email }: User): string {
  return email === undefined || email === name ? name : `${name} (${email})`;
}
