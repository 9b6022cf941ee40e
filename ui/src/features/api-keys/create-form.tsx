import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import type { CreatedApiKey } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { UserPicker } from "../users/user-picker.tsx";
import { EXPIRY_CHOICES, expiryOf } from "./expiry.ts";
import { ExpiryField } from "./expiry-field.tsx";
import { RestrictionFields } from "./restriction-fields.tsx";
import { newRestrictions, UNRESTRICTED } from "./restrictions.ts";
import type { TypedRestrictions } from "./restrictions.ts";

const NAME_CHARS_MAX = 200;

interface CreateFormProps {
  readonly onCreated: (key: CreatedApiKey) => void;
  readonly onCancel: () => void;
}

/** What the form asks for. */
interface Wanted {
  readonly name: string;
  readonly expiry: string;
  readonly date: string;
  /** Whose key it becomes; empty: one's own. */
  readonly ownerId: string;
  readonly restrictions: TypedRestrictions;
}

const NOTHING: Wanted = { name: "", expiry: "never", date: "", ownerId: "", restrictions: UNRESTRICTED };

function bodyOf({ name, expiry, date, ownerId, restrictions }: Wanted): object {
  const expiresAt = expiryOf(expiry, date, Date.now());
  return {
    name,
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    ...(ownerId !== "" && { assigned_user_id: ownerId }),
    ...newRestrictions(restrictions),
  };
}

/** A name is enough; the rest waits behind "More". */
export function CreateForm({ onCreated, onCancel }: CreateFormProps): ReactNode {
  const { api } = useApp();
  const [wanted, setWanted] = useState(NOTHING);
  const create = useAction({
    call: () => api.data<CreatedApiKey>("POST", "/v1/api-keys", { body: bodyOf(wanted) }),
    onDone: onCreated,
  });
  const failure = create.error ? asFailure(create.error) : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.run();
      }}
      className="grid max-w-3xl gap-5 rounded-xl border border-line bg-surface p-5 sm:p-6"
    >
      {failure && <FailureNotice error={failure} />}
      <TextField
        label="Name"
        name="name"
        required
        maxLength={NAME_CHARS_MAX}
        autoComplete="off"
        value={wanted.name}
        onChange={(event) => setWanted({ ...wanted, name: event.target.value })}
        placeholder="Support chatbot, production"
        hint="Which program will hold it, and where."
        problem={failure?.problemOf("name")}
      />
      <More wanted={wanted} onChange={setWanted} failure={failure} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={create.isPending}>
          Create
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}

interface MoreProps {
  readonly wanted: Wanted;
  readonly onChange: (wanted: Wanted) => void;
  readonly failure: ApiFailure | undefined;
}

function More({ wanted, onChange, failure }: MoreProps): ReactNode {
  const me = useMe();
  const isHere = failure !== undefined && failure.details.some(({ field }) => field !== "name");
  return (
    <details className="group" open={isHere ? true : undefined}>
      <summary className="inline-flex items-center gap-1 rounded font-medium text-muted hover:text-ink">
        <Icon name="chevron" className="size-4 transition-transform group-open:rotate-90" />
        More
      </summary>
      <div className="mt-4 grid gap-5">
        <ExpiryField
          choices={EXPIRY_CHOICES}
          choice={wanted.expiry}
          date={wanted.date}
          onChange={({ choice, date }) => onChange({ ...wanted, expiry: choice, date })}
          problem={failure?.problemOf("expires_at")}
        />
        {may(me, "users:manage") && (
          <UserPicker
            tenantId={me.tenant.id}
            value={wanted.ownerId}
            onPick={(ownerId) => onChange({ ...wanted, ownerId })}
            nobody="You"
            problem={failure?.problemOf("assigned_user_id")}
          />
        )}
        <RestrictionFields
          typed={wanted.restrictions}
          onType={(restrictions) => onChange({ ...wanted, restrictions })}
          failure={failure}
        />
      </div>
    </details>
  );
}
