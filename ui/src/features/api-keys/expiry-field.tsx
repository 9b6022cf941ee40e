import type { ReactNode } from "react";
import { SelectField, TextField } from "../../components/field.tsx";

interface ExpiryFieldProps {
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly choice: string;
  readonly date: string;
  readonly onChange: (typed: { readonly choice: string; readonly date: string }) => void;
  readonly problem: string | undefined;
}

/** When a key ends: one of several spans, or a day. */
export function ExpiryField({ choices, choice, date, onChange, problem }: ExpiryFieldProps): ReactNode {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="Expires"
        value={choice}
        onChange={(event) => onChange({ choice: event.target.value, date })}
        problem={problem}
      >
        {choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </SelectField>
      {choice === "date" && (
        <TextField
          label="Last day"
          type="date"
          required
          value={date}
          onChange={(event) => onChange({ choice, date: event.target.value })}
        />
      )}
    </div>
  );
}
