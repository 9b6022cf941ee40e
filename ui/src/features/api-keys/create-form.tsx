import { useRef, useState } from "react";
import type { SyntheticEvent, ReactNode } from "react";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { CreatedApiKey } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { Icon } from "../../components/icons.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { EXPIRY_CHOICES, expiryOf } from "./expiry.ts";

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
}

/** The creation of a key, once for each time the form is sent. */
function useCreation(wanted: Wanted, onCreated: CreateFormProps["onCreated"]) {
  const { api } = useApp();
  // State is only seen at the next drawing: between the two clicks of a double click there may be none.
  const isUnderWay = useRef(false);
  const creation = useMutation({
    mutationFn: () => {
      const expiresAt = expiryOf(wanted.expiry, wanted.date, Date.now());
      const body = { name: wanted.name, ...(expiresAt !== undefined && { expires_at: expiresAt }) };
      return api.data<CreatedApiKey>("POST", "/v1/api-keys", { body });
    },
    // The answer holds the key: it is not kept beside this form.
    gcTime: 0,
    onSuccess: onCreated,
    onSettled: () => {
      isUnderWay.current = false;
    },
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    creation.mutate();
  };
  return { submit, isPending: creation.isPending, failure: creation.error && asFailure(creation.error) };
}

/** A name is enough; the rest waits behind "More". */
export function CreateForm({ onCreated, onCancel }: CreateFormProps): ReactNode {
  const [wanted, setWanted] = useState<Wanted>({ name: "", expiry: "never", date: "" });
  const { submit, isPending, failure } = useCreation(wanted, onCreated);
  return (
    <form
      onSubmit={submit}
      className="grid max-w-xl gap-5 rounded-xl border border-line bg-surface p-5 sm:p-6"
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
      <More wanted={wanted} onChange={setWanted} problem={failure?.problemOf("expires_at")} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={isPending}>
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
  readonly problem: string | undefined;
}

function More({ wanted, onChange, problem }: MoreProps): ReactNode {
  return (
    <details className="group" open={problem === undefined ? undefined : true}>
      <summary className="inline-flex items-center gap-1 rounded font-medium text-muted hover:text-ink">
        <Icon name="chevron" className="size-4 transition-transform group-open:rotate-90" />
        More
      </summary>
      <div className="mt-4 grid gap-4 sm:grid-cols-2">
        <SelectField
          label="Expires"
          value={wanted.expiry}
          onChange={(event) => onChange({ ...wanted, expiry: event.target.value })}
          problem={problem}
        >
          {EXPIRY_CHOICES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
        {wanted.expiry === "date" && (
          <TextField
            label="Last day"
            type="date"
            required
            value={wanted.date}
            onChange={(event) => onChange({ ...wanted, date: event.target.value })}
          />
        )}
      </div>
    </details>
  );
}
