import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import { modelPath } from "../../api/queries.ts";
import type { Model } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { changesOf, draftOf } from "./draft.ts";
import { ModelFields } from "./model-fields.tsx";

interface EditDialogProps {
  readonly model: Versioned<Model>;
  readonly onReload: () => void;
  readonly onClose: () => void;
}

/** Changes a model; its slug stays. */
export function EditDialog({ model: { data, version }, onReload, onClose }: EditDialogProps): ReactNode {
  const { api } = useApp();
  const [former] = useState(draftOf(data));
  const [draft, setDraft] = useState(former);
  const save = useAction({
    call: () => {
      const body = changesOf(former, draft);
      return api.data("PATCH", modelPath(data.id), { body, ifVersion: version });
    },
    refresh: ["models"],
    said: () => "Saved the model.",
    onDone: onClose,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  return (
    <FormDialog
      title="Edit the model"
      action="Save"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      onReload={onReload}
      onClose={onClose}
      isWide
    >
      <ModelFields draft={draft} onChange={setDraft} failure={failure} />
    </FormDialog>
  );
}
