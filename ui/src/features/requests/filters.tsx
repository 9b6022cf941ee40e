import type { ReactNode } from "react";
import type { RequestFilter } from "../../api/queries.ts";
import { OUTCOMES } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { useKeyChoices, useModelChoices } from "../subjects/choices.ts";
import { OUTCOME_WORDS } from "./outcome-badge.tsx";

interface FiltersProps {
  readonly filter: RequestFilter;
  readonly onChange: (filter: RequestFilter) => void;
}

/** One choice per property; what is chosen stands in the address. */
export function Filters({ filter, onChange }: FiltersProps): ReactNode {
  const models = useModelChoices();
  const keys = useKeyChoices();
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <div
      role="group"
      aria-label="Filters"
      className="mb-4 grid items-end gap-3 sm:grid-cols-3 xl:grid-cols-4"
    >
      <Choice
        label="Outcome"
        value={filter.outcome}
        options={OUTCOMES.map((outcome) => ({ value: outcome, words: OUTCOME_WORDS[outcome] }))}
        onPick={(outcome) => onChange({ ...filter, outcome })}
      />
      <Choice
        label="Model"
        value={filter.model}
        options={models}
        onPick={(model) => onChange({ ...filter, model })}
      />
      <Choice
        label="API key"
        value={filter.api_key_id}
        options={keys}
        onPick={(key) => onChange({ ...filter, api_key_id: key })}
      />
      {isFiltered && (
        <div>
          <Button variant="quiet" onClick={() => onChange({})}>
            Clear filters
          </Button>
        </div>
      )}
    </div>
  );
}
