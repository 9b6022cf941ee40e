import { useState } from "react";
import type { SyntheticEvent, ReactNode } from "react";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { SignedIn } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";

/** The gateway's own minimum for a password. */
const PASSWORD_CHARS_MIN = 15;

interface CredentialsFormProps {
  /** The one-time token of a claim link; without it an existing account signs in. */
  readonly claimToken?: string;
  /** The words on the button. */
  readonly action?: string;
  /** Filled in beforehand. */
  readonly email?: string | undefined;
  /** With the id of the user who is signed in now. */
  readonly onDone: (userId: string) => void;
}

/** E-mail and password, to sign in or to claim the installation. */
export function CredentialsForm(props: CredentialsFormProps): ReactNode {
  const { claimToken, action = "Sign in", email: known = "", onDone } = props;
  const { api, session } = useApp();
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const isClaim = claimToken !== undefined;
  const entry = useMutation({
    mutationFn: () => {
      const path = isClaim ? "/v1/auth/claim" : "/v1/auth/login";
      const body = { ...(isClaim && { token: claimToken }), email, password };
      return api.data<SignedIn>("POST", path, { body });
    },
    onSuccess: ({ user }) => {
      session.set("active");
      onDone(user.id);
    },
  });
  const failure = entry.error ? asFailure(entry.error) : undefined;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (!entry.isPending) entry.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {failure && <FailureNotice error={failure} />}
      <TextField
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        problem={failure?.problemOf("email")}
      />
      <PasswordField
        isNew={isClaim}
        value={password}
        onChange={setPassword}
        problem={failure?.problemOf("password")}
      />
      <Button type="submit" variant="primary" busy={entry.isPending}>
        {action}
      </Button>
    </form>
  );
}

interface PasswordFieldProps {
  readonly isNew: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly problem: string | undefined;
}

function PasswordField({ isNew, value, onChange, problem }: PasswordFieldProps): ReactNode {
  const [isShown, setIsShown] = useState(false);
  return (
    <>
      <TextField
        label="Password"
        type={isShown ? "text" : "password"}
        name="password"
        autoComplete={isNew ? "new-password" : "current-password"}
        required
        minLength={isNew ? PASSWORD_CHARS_MIN : undefined}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        hint={isNew ? `At least ${PASSWORD_CHARS_MIN} characters: a few words are easiest.` : undefined}
        problem={problem}
      />
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={isShown}
          onChange={(event) => setIsShown(event.target.checked)}
        />
        Show the password
      </label>
    </>
  );
}
