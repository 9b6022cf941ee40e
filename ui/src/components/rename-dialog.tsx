import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../app-context.ts";
import { asFailure } from "../api/failure.ts";
import { useAction } from "../api/use-action.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { TextField } from "./field.tsx";
import { ChangeFailure } from "./notice.tsx";

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
    <Dialog title="Rename" onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.run();
        }}
      >
        {failure && <ChangeFailure error={failure} onReload={() => void onReload()} />}
        <TextField
          label="Name"
          required
          maxLength={NAME_CHARS_MAX}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
          problem={failure?.problemOf("display_name")}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
