import { useState } from "react";
import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { CustomRole } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { slugOf } from "../../lib/slug.ts";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { rolesQuery } from "../users/queries.ts";

const NAME_CHARS_MAX = 200;
/** The built-in role that has all a custom role can have: both end at their tenant. */
const WIDEST = "tenant_admin";

/** A custom role: a name, and the permissions it adds. */
export function CreateRoleDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { api } = useApp();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const create = useAction({
    call: () => {
      const body = { slug: slugOf(name), name, core_permissions: [...chosen] };
      return api.data<CustomRole>("POST", "/v1/iam/custom-roles", { body });
    },
    refresh: ["custom-roles"],
    said: () => "The role has been added.",
    onDone: onClose,
  });
  const failure = create.error ? asFailure(create.error) : undefined;
  return (
    <Dialog title="Add a custom role" onClose={onClose} isWide>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.run();
        }}
      >
        {failure && <FailureNotice error={failure} />}
        <TextField
          label="Name"
          required
          maxLength={NAME_CHARS_MAX}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
          hint={slugOf(name) === "" ? undefined : `Its slug: ${slugOf(name)}`}
          problem={failure?.problemOf("name") ?? failure?.problemOf("slug")}
        />
        <PermissionTicks chosen={chosen} onChoose={setChosen} />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={create.isPending}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface PermissionTicksProps {
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (chosen: ReadonlySet<string>) => void;
}

function PermissionTicks({ chosen, onChoose }: PermissionTicksProps): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const roles = useQuery(rolesQuery(api));
  const all = roles.data?.find(({ name }) => name === WIDEST)?.permissions ?? [];
  const tick = (name: string, isOn: boolean): void => {
    const next = new Set(chosen);
    if (isOn) next.add(name);
    else next.delete(name);
    onChoose(next);
  };
  return (
    <fieldset className="grid gap-2 sm:grid-cols-2">
      <legend className="mb-2 font-medium">Permissions</legend>
      {all
        .filter((name) => may(me, name))
        .map((name) => (
          <label key={name} className="flex min-h-8 min-w-0 items-center gap-2">
            <input
              type="checkbox"
              className="size-5 shrink-0 accent-accent"
              checked={chosen.has(name)}
              onChange={(event) => tick(name, event.target.checked)}
            />
            <code className="min-w-0 font-mono text-xs break-all">{name}</code>
          </label>
        ))}
    </fieldset>
  );
}
