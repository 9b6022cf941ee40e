import type { ReactNode } from "react";
import type { ApiFailure } from "../../api/failure.ts";
import { AreaField } from "../../components/field.tsx";
import { Ticks } from "../../components/ticks.tsx";
import { LimitFields } from "../limits/limit-fields.tsx";
import { useMe } from "../session/me-context.ts";
import type { TypedRestrictions } from "./restrictions.ts";

interface RestrictionFieldsProps {
  readonly typed: TypedRestrictions;
  readonly onType: (typed: TypedRestrictions) => void;
  readonly failure: ApiFailure | undefined;
}

/** What a key is narrowed to: models, addresses, limits, permissions. */
export function RestrictionFields({ typed, onType, failure }: RestrictionFieldsProps): ReactNode {
  // One may hold a permission that is ticked here and is not one's own: it stays to be seen.
  const scopes = [...new Set([...useMe().permissions, ...typed.scopes])].sort();
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <AreaField
          label="Only these models"
          spellCheck={false}
          value={typed.models}
          onChange={(event) => onType({ ...typed, models: event.target.value })}
          placeholder="openai/*"
          hint="One slug a line, or vendor/*. Empty: all its user may use."
          problem={failure?.problemUnder("models")}
        />
        <AreaField
          label="Only from these addresses"
          spellCheck={false}
          value={typed.addresses}
          onChange={(event) => onType({ ...typed, addresses: event.target.value })}
          placeholder="192.0.2.0/24"
          hint="One address or block a line. Empty: from anywhere."
          problem={failure?.problemUnder("allowed_ips")}
        />
      </div>
      <LimitFields typed={typed.limits} onType={(limits) => onType({ ...typed, limits })} failure={failure} />
      <Ticks
        legend="Only these permissions"
        isCode
        hint="None ticked: all its user has, now and later."
        problem={failure?.problemUnder("scopes")}
        choices={scopes.map((name) => ({ name, words: name }))}
        chosen={typed.scopes}
        onChange={(chosen) => onType({ ...typed, scopes: chosen })}
      />
    </>
  );
}
