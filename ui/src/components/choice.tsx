import type { ReactNode } from "react";
import { SelectField } from "./field.tsx";

interface ChoiceProps {
  readonly label: string;
  /** Undefined: any. */
  readonly value: string | undefined;
  readonly options: readonly { readonly value: string; readonly words: string }[];
  readonly onPick: (value: string | undefined) => void;
}

/** A filter of one property. */
export function Choice({ label, value, options, onPick }: ChoiceProps): ReactNode {
  const isKnown = value === undefined || options.some((option) => option.value === value);
  return (
    <SelectField
      label={label}
      value={value ?? ""}
      onChange={(event) => onPick(event.target.value === "" ? undefined : event.target.value)}
    >
      <option value="">Any</option>
      {/* An address may name what is not among the choices: a deleted model, a key of the next page. */}
      {!isKnown && <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.words}
        </option>
      ))}
    </SelectField>
  );
}
