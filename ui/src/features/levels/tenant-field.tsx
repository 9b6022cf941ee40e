import type { ReactNode } from "react";
import { SelectField } from "../../components/field.tsx";
import { useTenants } from "./queries.ts";

interface TenantFieldProps {
  readonly value: string;
  readonly onChange: (tenantId: string) => void;
  readonly problem: string | undefined;
}

/** In which tenant something is made. Nothing for those who have only one. */
export function TenantField({ value, onChange, problem }: TenantFieldProps): ReactNode {
  const tenants = useTenants();
  if (tenants.length <= 1) return null;
  return (
    <SelectField
      label="Tenant"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      problem={problem}
    >
      {tenants.map(({ id, display_name: name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
