import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { TextField } from "../../components/field.tsx";
import type { AuditFilter } from "./queries.ts";

interface FiltersProps {
  readonly filter: AuditFilter;
  readonly onChange: (filter: AuditFilter) => void;
}

/** The properties of an entry to look for; what is looked for stands in the address. */
export function Filters({ filter, onChange }: FiltersProps): ReactNode {
  const [typed, setTyped] = useState(filter);
  const address = JSON.stringify(filter);
  // Another address, by the browser's own buttons: the fields follow it.
  useEffect(() => setTyped(JSON.parse(address)), [address]);
  const field = (name: keyof AuditFilter, label: string, placeholder?: string): ReactNode => (
    <FilterField
      name={name}
      label={label}
      placeholder={placeholder}
      value={typed[name]}
      onType={(value) => setTyped({ ...typed, [name]: value })}
    />
  );
  return (
    <form
      role="search"
      aria-label="Filters"
      className="mb-4 grid items-end gap-3 sm:grid-cols-3 xl:grid-cols-4"
      onSubmit={(event) => {
        event.preventDefault();
        onChange(typed);
      }}
    >
      {field("action", "Action", "api_key.create")}
      {field("actor_id", "Id of who did it", "user_…")}
      {field("resource_type", "Kind of object", "api_key")}
      {field("resource_id", "Id of the object", "apikey_…")}
      {field("start", "From")}
      {field("end", "To, itself included")}
      <Choice
        label="Result"
        value={typed.status}
        options={[
          { value: "SUCCESS", words: "Done" },
          { value: "FAILURE", words: "Refused" },
        ]}
        onPick={(status) => onChange({ ...typed, status })}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit">Search</Button>
        {address !== "{}" && (
          <Button variant="quiet" onClick={() => onChange({})}>
            Clear filters
          </Button>
        )}
      </div>
    </form>
  );
}

interface FilterFieldProps {
  readonly name: keyof AuditFilter;
  readonly label: string;
  readonly placeholder: string | undefined;
  readonly value: string | undefined;
  readonly onType: (value: string | undefined) => void;
}

function FilterField({ name, label, placeholder, value, onType }: FilterFieldProps): ReactNode {
  return (
    <TextField
      label={label}
      type={name === "start" || name === "end" ? "date" : "text"}
      autoComplete="off"
      spellCheck={false}
      placeholder={placeholder}
      value={value ?? ""}
      onChange={(event) => onType(event.target.value === "" ? undefined : event.target.value)}
    />
  );
}
