import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { keyChoicesQuery } from "../../api/queries.ts";
import { SelectField } from "../../components/field.tsx";

interface KeyPickerProps {
  /** Whose keys. */
  readonly tenantId: string;
  readonly value: string;
  readonly onPick: (keyId: string) => void;
  readonly problem: string | undefined;
}

/** One key of a tenant, by its name and its end. */
export function KeyPicker({ tenantId, value, onPick, problem }: KeyPickerProps): ReactNode {
  const { api } = useApp();
  const keys = useQuery(keyChoicesQuery(api, tenantId));
  return (
    <SelectField
      label="API key"
      required
      value={value}
      onChange={(event) => onPick(event.target.value)}
      hint={keys.data?.length === 0 ? "There is no key yet." : undefined}
      problem={problem}
    >
      <option value="">Choose one…</option>
      {keys.data?.map(({ id, name, last4 }) => (
        <option key={id} value={id}>
          {name} (…{last4})
        </option>
      ))}
    </SelectField>
  );
}
