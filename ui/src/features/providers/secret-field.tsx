import type { ReactNode } from "react";
import { TextField } from "../../components/field.tsx";

interface SecretFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isRequired: boolean;
  readonly label?: string;
  /** Where a key is to be had. */
  readonly keysPage?: string | undefined;
  /** The environment variable in which the vendor's own tools look for it. */
  readonly variable?: string | undefined;
  readonly problem: string | undefined;
}

/** A provider's key. It is written and never shown again. */
export function SecretField(props: SecretFieldProps): ReactNode {
  const { value, onChange, isRequired, label = "API key", keysPage, variable, problem } = props;
  return (
    <TextField
      label={isRequired ? label : `${label} (if it asks for one)`}
      type="password"
      name="provider-key"
      // The browser's keeper of passwords has no business with it.
      autoComplete="new-password"
      spellCheck={false}
      required={isRequired}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      hint={
        <>
          {keysPage !== undefined && (
            <>
              Made at{" "}
              <a href={keysPage} target="_blank" rel="noreferrer" className="text-accent underline">
                {keysPage}
              </a>
              .{" "}
            </>
          )}
          Kept encrypted and never shown again. A key kept elsewhere is given as{" "}
          <code className="font-mono">env:{variable ?? "NAME"}</code> or{" "}
          <code className="font-mono">file:/path</code>.
        </>
      }
      problem={problem}
    />
  );
}
