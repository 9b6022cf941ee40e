import type { ReactNode } from "react";
import type { ApiFailure } from "../../api/failure.ts";
import { AreaField, SelectField, TextField } from "../../components/field.tsx";
import { Ticks } from "../../components/ticks.tsx";
import { formatName } from "../../lib/format.ts";
import { FAILOVER_CLASSES } from "./draft.ts";
import type { PolicyDraft } from "./draft.ts";
import { TargetsField } from "./targets-field.tsx";
import { FALLBACK_PRICES, MIDSTREAMS, STICKIES, STRATEGIES } from "./words.ts";

interface PolicyFieldsProps {
  readonly draft: PolicyDraft;
  readonly onChange: (draft: PolicyDraft) => void;
  readonly failure: ApiFailure | undefined;
  /** Shown, not changed. */
  readonly isFixed?: boolean;
}

/** Everything a policy says. */
export function PolicyFields({ draft, onChange, failure, isFixed = false }: PolicyFieldsProps): ReactNode {
  return (
    <>
      <TargetsField
        targets={draft.targets}
        onChange={(targets) => onChange({ ...draft, targets })}
        problem={failure?.problemUnder("targets")}
        isFixed={isFixed}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <Pick
          label="Among backends of one priority"
          choices={STRATEGIES}
          value={draft.strategy}
          onPick={(strategy) => onChange({ ...draft, strategy })}
          problem={failure?.problemOf("strategy")}
        />
        <Pick
          label="Requests that stay with one backend"
          choices={STICKIES}
          value={draft.sticky}
          onPick={(sticky) => onChange({ ...draft, sticky })}
          problem={failure?.problemOf("sticky")}
        />
        <Pick
          label="When a stream breaks off"
          choices={MIDSTREAMS}
          value={draft.midstream}
          onPick={(midstream) => onChange({ ...draft, midstream })}
          problem={failure?.problemOf("midstream")}
        />
        <Attempts draft={draft} onChange={onChange} failure={failure} />
      </div>
      <Ticks
        legend="Faults after which another backend is asked"
        choices={FAILOVER_CLASSES.map((name) => ({ name, words: formatName(name) }))}
        chosen={draft.failoverOn}
        onChange={(failoverOn) => onChange({ ...draft, failoverOn })}
        problem={failure?.problemUnder("failover_on")}
      />
      <Fallbacks draft={draft} onChange={onChange} failure={failure} />
    </>
  );
}

function Attempts({ draft, onChange, failure }: PolicyFieldsProps): ReactNode {
  return (
    <div className="grid gap-2">
      <TextField
        label="Calls that one request may make in all"
        type="number"
        required
        min={1}
        max={10}
        value={draft.attempts}
        onChange={(event) => onChange({ ...draft, attempts: event.target.value })}
        problem={failure?.problemOf("retry.attempts")}
      />
      <label className="flex min-h-8 items-center gap-2">
        <input
          type="checkbox"
          className="size-5 shrink-0 accent-accent"
          checked={draft.asksAgain}
          onChange={(event) => onChange({ ...draft, asksAgain: event.target.checked })}
        />
        One of them to the same backend, after a fault that may pass
      </label>
    </div>
  );
}

function Fallbacks({ draft, onChange, failure }: PolicyFieldsProps): ReactNode {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <AreaField
        label="Models that are asked when no backend answers"
        spellCheck={false}
        value={draft.fallbackModels}
        onChange={(event) => onChange({ ...draft, fallbackModels: event.target.value })}
        hint="One slug a line, in order. Empty: the caller gets the error."
        problem={failure?.problemUnder("fallback_models")}
      />
      <Pick
        label="What such an answer costs"
        choices={FALLBACK_PRICES}
        value={draft.fallbackPrice}
        onPick={(fallbackPrice) => onChange({ ...draft, fallbackPrice })}
        problem={failure?.problemOf("fallback_price")}
      />
    </div>
  );
}

interface PickProps<Name extends string> {
  readonly label: string;
  readonly choices: readonly (readonly [Name, string])[];
  readonly value: Name;
  readonly onPick: (name: Name) => void;
  readonly problem: string | undefined;
}

function Pick<Name extends string>({ label, choices, value, onPick, problem }: PickProps<Name>): ReactNode {
  return (
    <SelectField
      label={label}
      value={value}
      onChange={(event) => {
        const picked = choices.find(([name]) => name === event.target.value);
        if (picked) onPick(picked[0]);
      }}
      problem={problem}
    >
      {choices.map(([name, words]) => (
        <option key={name} value={name}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}
