import { useState } from "react";
import type { ReactNode } from "react";
import { useApp } from "../../app-context.ts";
import type { Versioned } from "../../api/client.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import type { Provider } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { ChangeFailure } from "../../components/notice.tsx";
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
    <Dialog title="Edit the provider" onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.run();
        }}
      >
        {failure && <ChangeFailure error={failure} onReload={() => void onReload()} />}
        <Fields typed={typed} onType={setTyped} failure={failure} />
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
