import type { ReactNode } from "react";
import type { ApiFailure } from "../../api/failure.ts";
import { AreaField, SelectField, TextField } from "../../components/field.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import type { ModelDraft } from "./draft.ts";

const NAME_CHARS_MAX = 200;
const STATUSES = [
  ["active", "Active"],
  ["deprecated", "Deprecated: works, and is marked"],
  ["disabled", "Disabled: calls are refused"],
] as const;

interface ModelFieldsProps {
  readonly draft: ModelDraft;
  readonly onChange: (draft: ModelDraft) => void;
  readonly failure: ApiFailure | undefined;
}

/** What a model is, beside its slug. */
export function ModelFields({ draft, onChange, failure }: ModelFieldsProps): ReactNode {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Name"
          maxLength={NAME_CHARS_MAX}
          autoComplete="off"
          value={draft.name}
          onChange={(event) => onChange({ ...draft, name: event.target.value })}
          problem={failure?.problemOf("display_name")}
        />
        <StatusField draft={draft} onChange={onChange} failure={failure} />
        <Tokens
          label="Context window, in tokens"
          isRequired
          value={draft.context}
          onType={(context) => onChange({ ...draft, context })}
          problem={failure?.problemOf("context_window")}
        />
        <Tokens
          label="Longest answer, in tokens"
          value={draft.maxOutput}
          onType={(maxOutput) => onChange({ ...draft, maxOutput })}
          problem={failure?.problemOf("max_output_tokens")}
        />
      </div>
      <Prices draft={draft} onChange={onChange} failure={failure} />
      <AreaField
        label="Description"
        value={draft.description}
        onChange={(event) => onChange({ ...draft, description: event.target.value })}
        problem={failure?.problemOf("description")}
      />
      <AreaField
        label="System prompt"
        value={draft.systemPrompt}
        onChange={(event) => onChange({ ...draft, systemPrompt: event.target.value })}
        hint="Put before every request."
        problem={failure?.problemOf("system_prompt")}
      />
    </>
  );
}

function StatusField({ draft, onChange, failure }: ModelFieldsProps): ReactNode {
  return (
    <SelectField
      label="Status"
      value={draft.status}
      onChange={(event) => {
        const status = STATUSES.find(([name]) => name === event.target.value)?.[0];
        if (status) onChange({ ...draft, status });
      }}
      problem={failure?.problemOf("status")}
    >
      {STATUSES.map(([name, words]) => (
        <option key={name} value={name}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}

/** Whoever would pay the prices themselves does not set them. */
function Prices({ draft, onChange, failure }: ModelFieldsProps): ReactNode {
  const me = useMe();
  if (!may(me, "accounting:manage_prices")) return null;
  const shared = { inputMode: "decimal", autoComplete: "off", disabled: draft.isFree } as const;
  return (
    <div className="grid items-start gap-4 sm:grid-cols-3">
      <TextField
        label="Price of a million tokens in"
        {...shared}
        value={draft.inputPrice}
        onChange={(event) => onChange({ ...draft, inputPrice: event.target.value.trim() })}
        placeholder="2.50"
        problem={failure?.problemOf("prices.input_per_mtok") ?? failure?.problemOf("input_price_per_mtok")}
      />
      <TextField
        label="Price of a million tokens out"
        {...shared}
        value={draft.outputPrice}
        onChange={(event) => onChange({ ...draft, outputPrice: event.target.value.trim() })}
        placeholder="10"
        problem={failure?.problemOf("prices.output_per_mtok") ?? failure?.problemOf("output_price_per_mtok")}
      />
      <label className="flex min-h-9 items-center gap-2 sm:mt-7">
        <input
          type="checkbox"
          className="size-5 shrink-0 accent-accent"
          checked={draft.isFree}
          onChange={(event) => onChange({ ...draft, isFree: event.target.checked })}
        />
        Costs nothing
      </label>
    </div>
  );
}

interface TokensProps {
  readonly label: string;
  readonly isRequired?: boolean;
  readonly value: string;
  readonly onType: (value: string) => void;
  readonly problem: string | undefined;
}

function Tokens({ label, isRequired = false, value, onType, problem }: TokensProps): ReactNode {
  return (
    <TextField
      label={label}
      type="number"
      min={1}
      step={1}
      required={isRequired}
      value={value}
      onChange={(event) => onType(event.target.value)}
      problem={problem}
    />
  );
}
