import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../app-context.ts";
import { asFailure } from "../api/failure.ts";
import { useAction } from "../api/use-action.ts";
import { TextField } from "./field.tsx";
import { FormDialog } from "./form-dialog.tsx";

const NAME_CHARS_MAX = 200;

interface RenameDialogProps {
  /** The address in the API of what is renamed. */
  readonly path: string;
  readonly name: string;
  /** The version that the name was read from. */
  readonly version: string | undefined;
  /** First part of the keys of what has to be read anew. */
  readonly refresh: string;
  readonly onReload: () => Promise<void>;
  readonly onClose: () => void;
}

/** Gives something another display name. */
export function RenameDialog(props: RenameDialogProps): ReactNode {
  const { path, version, refresh, onReload, onClose } = props;
  const { api } = useApp();
  const [name, setName] = useState(props.name);
  const save = useAction({
    call: () => api.data("PATCH", path, { body: { display_name: name }, ifVersion: version }),
    refresh: [refresh],
    said: () => "Renamed.",
    onDone: onClose,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  return (
    <FormDialog
      title="Rename"
      action="Save"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      onReload={() => void onReload()}
      onClose={onClose}
    >
      <TextField
        label="Name"
        required
        maxLength={NAME_CHARS_MAX}
        autoComplete="off"
        value={name}
        onChange={(event) => setName(event.target.value)}
        problem={failure?.problemOf("display_name")}
      />
    </FormDialog>
  );
}
