import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { CreatedApiKey } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";

const HOUR_MS = 3_600_000;

interface KeyFieldProps {
  readonly value: string;
  readonly onChange: (key: string) => void;
}

/** Whose call it is: a key that is pasted, or one that is made for an hour. It is kept nowhere but on this page. */
export function KeyField({ value, onChange }: KeyFieldProps): ReactNode {
  const { api } = useApp();
  const mayMake = may(useMe(), "api_keys:manage");
  const make = useAction({
    call: () => {
      const body = { name: "Playground", expires_at: new Date(Date.now() + HOUR_MS).toISOString() };
      return api.data<CreatedApiKey>("POST", "/v1/api-keys", { body });
    },
    refresh: ["api-keys"],
    said: () => "A key for an hour has been made.",
    onDone: ({ key }) => onChange(key),
  });
  return (
    <div className="grid gap-2">
      <TextField
        label="API key"
        type="password"
        required
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value.trim())}
        placeholder="sgk_…"
        hint="Calls are charged and limited like any other of this key. It is not kept."
      />
      {mayMake && value === "" && (
        <div>
          <Button busy={make.isPending} onClick={() => make.run()}>
            Make a key for an hour
          </Button>
        </div>
      )}
      {make.error !== null && <FailureNotice error={make.error} />}
    </div>
  );
}
