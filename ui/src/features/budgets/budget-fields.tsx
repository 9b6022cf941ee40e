import type { ReactNode } from "react";
import type { ApiFailure } from "../../api/failure.ts";
import { SelectField, TextField } from "../../components/field.tsx";
import type { Draft } from "./draft.ts";
import { ACTION_WORDS } from "./standing.ts";

interface BudgetFieldsProps {
  readonly draft: Draft;
  readonly onType: (draft: Draft) => void;
  readonly failure: ApiFailure | undefined;
}

const ACTIONS = ["block", "throttle", "notify"] as const satisfies readonly Draft["action"][];
/** Shapes as the browser checks them; the gateway says what else is wrong. */
const DECIMAL = {
  inputMode: "decimal",
  pattern: "[0-9]+([.][0-9]+)?",
  title: "A number such as 250.00",
} as const;
const WHOLE = { inputMode: "numeric", pattern: "[0-9]*", title: "A whole number" } as const;

/** The limits of a budget, and what happens at them. */
export function BudgetFields({ draft, onType, failure }: BudgetFieldsProps): ReactNode {
  const typed = (name: "cost" | "tokens" | "requests" | "softPercent") => ({
    autoComplete: "off",
    value: draft[name],
    onChange: (event: { target: { value: string } }) =>
      onType({ ...draft, [name]: event.target.value.trim() }),
  });
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-3">
        <TextField
          label="Cost"
          {...DECIMAL}
          {...typed("cost")}
          placeholder="250.00"
          problem={failure?.problemOf("cost_limit")}
        />
        <TextField
          label="Tokens"
          {...WHOLE}
          {...typed("tokens")}
          problem={failure?.problemOf("token_limit")}
        />
        <TextField
          label="Requests"
          {...WHOLE}
          {...typed("requests")}
          problem={failure?.problemOf("request_limit")}
        />
      </div>
      <p className="text-xs text-muted">
        At least one. Tokens are those of input and output; requests are those that deliver content.
      </p>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="Nearly used up from, %"
          required
          {...DECIMAL}
          {...typed("softPercent")}
          hint="The soft limit: from this share on the budget is shown as nearly used up, and slowing down begins."
          problem={failure?.problemOf("soft_limit_pct")}
        />
        <ActionField draft={draft} onType={onType} failure={failure} />
      </div>
    </>
  );
}

function ActionField({ draft, onType, failure }: BudgetFieldsProps): ReactNode {
  return (
    <SelectField
      label="When nothing is left"
      value={draft.action}
      onChange={(event) => {
        const action = ACTIONS.find((name) => name === event.target.value) ?? "block";
        onType({ ...draft, action });
      }}
      hint={ACTION_WORDS[draft.action].meaning}
      problem={failure?.problemOf("hard_action")}
    >
      {ACTIONS.map((name) => (
        <option key={name} value={name}>
          {ACTION_WORDS[name].name}
        </option>
      ))}
    </SelectField>
  );
}
