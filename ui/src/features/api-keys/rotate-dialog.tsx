import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import { keyPath } from "../../api/queries.ts";
import type { ApiKey, CreatedApiKey } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { SelectField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";

const OVERLAPS = [
  [0, "Not at all: revoke it now"],
  [1, "1 hour"],
  [24, "24 hours"],
  [72, "3 days"],
  [168, "7 days"],
] as const;
const USUAL_HOURS = 24;

interface RotateDialogProps {
  readonly apiKey: ApiKey;
  readonly onRotated: (key: CreatedApiKey) => void;
  readonly onClose: () => void;
}

/** A new key in the place of one, which goes on for a while. */
export function RotateDialog({ apiKey, onRotated, onClose }: RotateDialogProps): ReactNode {
  const { api } = useApp();
  const [hours, setHours] = useState<number>(USUAL_HOURS);
  const rotate = useAction({
    call: () => {
      const body = { overlap_hours: hours };
      return api.data<CreatedApiKey>("POST", `${keyPath(apiKey.id)}/rotate`, { body });
    },
    refresh: ["api-keys"],
    said: () => "The new key is ready.",
    onDone: onRotated,
  });
  return (
    <FormDialog
      title="Rotate this API key?"
      action="Rotate"
      isPending={rotate.isPending}
      error={rotate.error}
      onSubmit={() => rotate.run()}
      onClose={onClose}
    >
      <p className="break-words">
        <strong>{apiKey.name}</strong> gets a new key that may do the same. Put it where the former one is, in
        the time that one goes on.
      </p>
      <SelectField
        label="The former key goes on for"
        value={hours}
        onChange={(event) => setHours(Number(event.target.value))}
      >
        {OVERLAPS.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </SelectField>
    </FormDialog>
  );
}
