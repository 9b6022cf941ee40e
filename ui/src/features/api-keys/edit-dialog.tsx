import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { keyPath } from "../../api/queries.ts";
import type { ApiKey } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { NameField } from "../../components/name-field.tsx";
import { EXPIRY_CHOICES, expiryOf } from "./expiry.ts";
import { ExpiryField } from "./expiry-field.tsx";
import { RestrictionFields } from "./restriction-fields.tsx";
import { changedRestrictions, restrictionsOf } from "./restrictions.ts";

const AS_IT_IS = "as-it-is";
const CHOICES = [{ value: AS_IT_IS, label: "As it is" }, ...EXPIRY_CHOICES];

function endOf({ choice, date }: { readonly choice: string; readonly date: string }): object {
  return choice === AS_IT_IS ? {} : { expires_at: expiryOf(choice, date, Date.now()) ?? null };
}

interface EditDialogProps {
  readonly apiKey: Versioned<ApiKey>;
  readonly onReload: () => void;
  readonly onClose: () => void;
}

/** Name, end and restrictions of a key; the key itself stays what it is. */
export function EditDialog({ apiKey: { data, version }, onReload, onClose }: EditDialogProps): ReactNode {
  const { api } = useApp();
  const [name, setName] = useState(data.name);
  const [expiry, setExpiry] = useState({ choice: AS_IT_IS, date: "" });
  const [typed, setTyped] = useState(restrictionsOf(data));
  const save = useAction({
    call: () => {
      const body = { name, ...endOf(expiry), ...changedRestrictions(data, typed) };
      return api.data("PATCH", keyPath(data.id), { body, ifVersion: version });
    },
    refresh: ["api-keys"],
    said: () => "Saved the key.",
    onDone: onClose,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  return (
    <FormDialog
      title="Edit the API key"
      action="Save"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      onReload={onReload}
      onClose={onClose}
      isWide
    >
      <NameField value={name} onType={setName} failure={failure} />
      <ExpiryField
        choices={CHOICES}
        {...expiry}
        onChange={setExpiry}
        problem={failure?.problemOf("expires_at")}
      />
      <RestrictionFields typed={typed} onType={setTyped} failure={failure} />
    </FormDialog>
  );
}
