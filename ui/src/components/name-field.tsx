import type { ReactNode } from "react";
import type { ApiFailure } from "../api/failure.ts";
import { TextField } from "./field.tsx";

const NAME_CHARS_MAX = 200;

interface NameFieldProps {
  readonly value: string;
  readonly onType: (name: string) => void;
  readonly failure: ApiFailure | undefined;
  readonly hint?: string | undefined;
}

/** What something is called. */
export function NameField({ value, onType, failure, hint }: NameFieldProps): ReactNode {
  return (
    <TextField
      label="Name"
      required
      maxLength={NAME_CHARS_MAX}
      autoComplete="off"
      value={value}
      onChange={(event) => onType(event.target.value)}
      hint={hint}
      problem={failure?.problemOf("name")}
    />
  );
}
