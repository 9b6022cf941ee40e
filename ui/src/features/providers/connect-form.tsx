import { useState } from "react";
import type { ReactNode } from "react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useApp } from "../../app-context.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import type { Preset, Provider } from "../../api/types.ts";
import { useAction } from "../../api/use-action.ts";
import { Button, buttonClass } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { FailureNotice } from "../../components/notice.tsx";
import { OTHER } from "./presets.ts";
import { SecretField } from "./secret-field.tsx";

const NAME_CHARS_MAX = 200;

interface Typed {
  readonly name: string;
  readonly baseUrl: string;
  readonly key: string;
}

/** Name, key and address of a new provider. */
export function ConnectForm({ preset }: { preset: Preset }): ReactNode {
  const { api } = useApp();
  const navigate = useNavigate();
  const [typed, setTyped] = useState<Typed>({
    name: preset.name === OTHER.name ? "" : preset.label,
    baseUrl: preset.base_url,
    key: "",
  });
  const add = useAction({
    call: () => api.data<Provider>("POST", "/v1/providers", { body: bodyOf(preset, typed) }),
    refresh: ["providers"],
    onDone: ({ id }) => void navigate({ to: "/providers/$providerId/models", params: { providerId: id } }),
  });
  const failure = add.error ? asFailure(add.error) : undefined;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.run();
      }}
      className="grid max-w-xl gap-5 rounded-xl border border-line bg-surface p-5 sm:p-6"
    >
      {failure && <FailureNotice error={failure} />}
      <Fields preset={preset} typed={typed} onType={setTyped} failure={failure} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" busy={add.isPending}>
          Add and test
        </Button>
        <Link to="/providers/new" className={buttonClass("secondary")}>
          Choose another
        </Link>
      </div>
    </form>
  );
}

interface FieldsProps {
  readonly preset: Preset;
  readonly typed: Typed;
  readonly onType: (typed: Typed) => void;
  readonly failure: ApiFailure | undefined;
}

function Fields({ preset, typed, onType, failure }: FieldsProps): ReactNode {
  const isOther = preset.name === OTHER.name;
  return (
    <>
      <SecretField
        value={typed.key}
        onChange={(key) => onType({ ...typed, key })}
        isRequired={preset.needs_key}
        keysPage={preset.keys_page}
        variable={preset.key_variable}
        problem={failure?.problemOf("connection_config.api_key")}
      />
      <TextField
        label="Address"
        name="base_url"
        inputMode="url"
        required={isOther}
        autoComplete="off"
        spellCheck={false}
        value={typed.baseUrl}
        onChange={(event) => onType({ ...typed, baseUrl: event.target.value })}
        placeholder="https://models.example.com/v1"
        hint={
          isOther
            ? "As the server's own manual tells it, usually up to /v1."
            : "Its usual one, unless yours is elsewhere."
        }
        problem={failure?.problemOf("base_url")}
      />
      <TextField
        label="Name"
        name="name"
        required
        maxLength={NAME_CHARS_MAX}
        autoComplete="off"
        value={typed.name}
        onChange={(event) => onType({ ...typed, name: event.target.value })}
        hint="Tells this account from others at the same provider."
        problem={failure?.problemOf("name")}
      />
    </>
  );
}

/** What is sent: an address only where it is not the preset's own. */
function bodyOf(preset: Preset, typed: Typed): object {
  const key = typed.key.trim();
  const baseUrl = typed.baseUrl.trim();
  return {
    type: preset.type,
    ...(preset.preset !== undefined && { preset: preset.preset }),
    name: typed.name,
    ...(baseUrl !== "" && baseUrl !== preset.base_url && { base_url: baseUrl }),
    ...(key !== "" && { connection_config: { api_key: key } }),
  };
}
