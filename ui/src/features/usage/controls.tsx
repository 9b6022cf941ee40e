import type { ReactNode } from "react";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import {
  useBackendChoices,
  useKeyChoices,
  useModelChoices,
  useTenantChoices,
  useUserChoices,
} from "../subjects/choices.ts";
import type { NamedChoice } from "../subjects/choices.ts";
import { hasDays } from "./question.ts";
import type { UsageFilter, UsageQuestion } from "./question.ts";

interface ControlsProps {
  readonly question: UsageQuestion;
  readonly onAsk: (question: UsageQuestion) => void;
}

const DAYS = "days";
const PERIODS: readonly NamedChoice[] = [
  { value: "hour", words: "This hour" },
  { value: "day", words: "Today" },
  { value: "week", words: "This week, from Monday" },
  { value: "month", words: "This month" },
  { value: DAYS, words: "From one day to another" },
];
export const GROUP_CHOICES: readonly NamedChoice[] = [
  { value: "model", words: "Model" },
  { value: "user", words: "User" },
  { value: "tenant", words: "Tenant" },
  { value: "api_key", words: "API key" },
  { value: "backend", words: "Backend" },
];
const STATUSES: readonly NamedChoice[] = [
  { value: "completed", words: "Completed" },
  { value: "client_gone", words: "Client left" },
  { value: "failed", words: "Failed" },
  { value: "interrupted", words: "Interrupted" },
];

/** When, by what, and of whom: all of it stands in the address. */
export function Controls({ question, onAsk }: ControlsProps): ReactNode {
  const { filter } = question;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <div
      role="group"
      aria-label="What is shown"
      className="mb-5 grid items-end gap-3 sm:grid-cols-3 xl:grid-cols-5 print:hidden"
    >
      <PeriodFields question={question} onAsk={onAsk} />
      <Pick
        label="Grouped by"
        value={question.groupBy}
        options={GROUP_CHOICES}
        onPick={(groupBy) => onAsk({ ...question, groupBy })}
      />
      <FilterFields filter={filter} onChange={(next) => onAsk({ ...question, filter: next })} />
      {isFiltered && (
        <div>
          <Button variant="quiet" onClick={() => onAsk({ ...question, filter: {} })}>
            Clear filters
          </Button>
        </div>
      )}
    </div>
  );
}

function PeriodFields({ question, onAsk }: ControlsProps): ReactNode {
  const { period, start, end, ...rest } = question;
  const isDays = hasDays(question) || period === DAYS;
  const day = (name: "start" | "end", label: string): ReactNode => (
    <TextField
      label={label}
      type="date"
      value={question[name] ?? ""}
      onChange={(event) => {
        const typed = event.target.value === "" ? undefined : event.target.value;
        onAsk({ ...question, period: DAYS, [name]: typed });
      }}
    />
  );
  return (
    <>
      <Pick
        label="When"
        value={isDays ? DAYS : period}
        options={PERIODS}
        onPick={(next) => onAsk({ ...rest, period: next, ...(next === DAYS && { start, end }) })}
      />
      {isDays && day("start", "First day")}
      {isDays && day("end", "Last day")}
    </>
  );
}

interface FilterFieldsProps {
  readonly filter: UsageFilter;
  readonly onChange: (filter: UsageFilter) => void;
}

/** Only those that there is a choice in. */
function FilterFields({ filter, onChange }: FilterFieldsProps): ReactNode {
  const fields: readonly (readonly [keyof UsageFilter, string, readonly NamedChoice[]])[] = [
    ["tenant_id", "Tenant", useTenantChoices()],
    ["user_id", "User", useUserChoices()],
    ["model", "Model", useModelChoices()],
    ["api_key_id", "API key", useKeyChoices()],
    ["backend_id", "Backend", useBackendChoices()],
    ["status", "Status", STATUSES],
  ];
  return fields
    .filter(([name, , options]) => options.length > 0 || filter[name] !== undefined)
    .map(([name, label, options]) => (
      <Choice
        key={name}
        label={label}
        value={filter[name]}
        options={options}
        onPick={(value) => onChange({ ...filter, [name]: value })}
      />
    ));
}

interface PickProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly NamedChoice[];
  readonly onPick: (value: string) => void;
}

/** One of several, and always one. */
export function Pick({ label, value, options, onPick }: PickProps): ReactNode {
  return (
    <SelectField label={label} value={value} onChange={(event) => onPick(event.target.value)}>
      {!options.some((option) => option.value === value) && <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.words}
        </option>
      ))}
    </SelectField>
  );
}
