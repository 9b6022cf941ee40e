import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import type { Provider } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { TextField } from "../../components/field.tsx";
import { FormDialog } from "../../components/form-dialog.tsx";
import { providerPath } from "./queries.ts";
import { SecretField } from "./secret-field.tsx";

const NAME_CHARS_MAX = 200;

interface EditDialogProps {
  readonly provider: Versioned<Provider>;
  readonly onReload: () => Promise<void>;
  readonly onClose: () => void;
}

interface Typed {
  readonly name: string;
  readonly baseUrl: string;
  readonly key: string;
}

/** What is sent: of address and key only what is to be another one. */
function bodyOf(former: Provider, { name, baseUrl, key }: Typed): object {
  const address = baseUrl.trim();
  return {
    name,
    ...(address !== (former.base_url ?? "") && { base_url: address === "" ? null : address }),
    ...(key.trim() !== "" && { connection_config: { api_key: key.trim() } }),
  };
}

/** Name, address and key of a provider. The key is only ever replaced. */
export function EditDialog({ provider: { data, version }, onReload, onClose }: EditDialogProps): ReactNode {
  const { api } = useApp();
  const [typed, setTyped] = useState<Typed>({ name: data.name, baseUrl: data.base_url ?? "", key: "" });
  const save = useAction({
    call: () => api.data("PATCH", providerPath(data.id), { body: bodyOf(data, typed), ifVersion: version }),
    refresh: ["providers"],
    said: () => "Saved.",
    onDone: onClose,
  });
  const failure = save.error ? asFailure(save.error) : undefined;
  return (
    <FormDialog
      title="Edit the provider"
      action="Save"
      isPending={save.isPending}
      error={save.error}
      onSubmit={() => save.run()}
      onReload={() => void onReload()}
      onClose={onClose}
    >
      <Fields typed={typed} onType={setTyped} failure={failure} />
    </FormDialog>
  );
}

interface FieldsProps {
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
  readonly failure: ApiFailure | undefined;
}

function Fields({ typed, onType, failure }: FieldsProps): ReactNode {
  return (
    <>
      <TextField
        label="Name"
        required
        maxLength={NAME_CHARS_MAX}
        autoComplete="off"
        value={typed.name}
        onChange={(event) => onType({ ...typed, name: event.target.value })}
        problem={failure?.problemOf("name")}
      />
      <TextField
        label="Address"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        value={typed.baseUrl}
        onChange={(event) => onType({ ...typed, baseUrl: event.target.value })}
        placeholder="The provider's usual one"
        problem={failure?.problemOf("base_url")}
      />
      <SecretField
        label="New API key, in place of the present one"
        value={typed.key}
        onChange={(key) => onType({ ...typed, key })}
        isRequired={false}
        problem={failure?.problemOf("connection_config.api_key")}
      />
    </>
  );
}
