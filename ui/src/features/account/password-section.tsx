import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { FailureNotice, Notice } from "../../components/notice.tsx";
import { Section } from "../../components/page.tsx";

const PASSWORD_CHARS_MIN = 15;
const EMPTY = { present: "", next: "", again: "" } as const;
type Typed = Readonly<Record<keyof typeof EMPTY, string>>;

/** Another password, for whoever knows the present one. */
export function PasswordSection({ email }: { email: string }): ReactNode {
  const { api } = useApp();
  const [typed, setTyped] = useState<Typed>(EMPTY);
  const [isDifferent, setIsDifferent] = useState(false);
  const change = useAction({
    call: () => {
      const body = { current_password: typed.present, new_password: typed.next };
      return api.data<{ readonly sessions_ended: number }>("POST", "/v1/me/password", { body });
    },
    refresh: ["sessions"],
    said: () => "Your password has been changed.",
    onDone: () => setTyped(EMPTY),
  });
  const failure = change.error ? asFailure(change.error) : undefined;
  const submit = (): void => {
    const differs = typed.next !== typed.again;
    setIsDifferent(differs);
    if (!differs) change.run();
  };
  return (
    <Section title="Password" lead="Other browsers are signed out by the change; API keys go on.">
      <form
        className="grid max-w-md gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {failure && <FailureNotice error={failure} />}
        {change.result && !failure && <Notice tone="good">{doneWords(change.result.sessions_ended)}</Notice>}
        {/* For password managers: whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <Fields typed={typed} onType={setTyped} failure={failure} isDifferent={isDifferent} />
        <div>
          <Button type="submit" variant="primary" busy={change.isPending}>
            Change the password
          </Button>
        </div>
      </form>
    </Section>
  );
}

interface FieldsProps {
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
  readonly failure: ApiFailure | undefined;
  /** The new password was not typed the same way twice. */
  readonly isDifferent: boolean;
}

function Fields({ typed, onType, failure, isDifferent }: FieldsProps): ReactNode {
  return (
    <>
      <Password
        label="Present password"
        autoComplete="current-password"
        value={typed.present}
        onType={(present) => onType({ ...typed, present })}
        problem={failure?.problemOf("current_password")}
      />
      <Password
        label="New password"
        autoComplete="new-password"
        value={typed.next}
        onType={(next) => onType({ ...typed, next })}
        hint={`At least ${PASSWORD_CHARS_MIN} characters: a sentence is easy to remember.`}
        problem={failure?.problemOf("new_password")}
      />
      <Password
        label="New password, once more"
        autoComplete="new-password"
        value={typed.again}
        onType={(again) => onType({ ...typed, again })}
        problem={isDifferent ? "is not the same" : undefined}
      />
    </>
  );
}

function doneWords(ended: number): string {
  if (ended === 0) return "Your password has been changed.";
  return `Your password has been changed, and ${ended} other ${ended === 1 ? "session has" : "sessions have"} ended.`;
}

interface PasswordProps {
  readonly label: string;
  readonly autoComplete: "current-password" | "new-password";
  readonly value: string;
  readonly onType: (value: string) => void;
  readonly hint?: string;
  readonly problem: string | undefined;
}

function Password({ label, autoComplete, value, onType, hint, problem }: PasswordProps): ReactNode {
  return (
    <TextField
      label={label}
      type="password"
      required
      autoComplete={autoComplete}
      value={value}
      onChange={(event) => onType(event.target.value)}
      hint={hint}
      problem={problem}
    />
  );
}
