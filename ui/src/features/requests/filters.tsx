import type { ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import { apiKeysQuery, chatModelsQuery } from "../../api/queries.ts";
import type { RequestFilter } from "../../api/queries.ts";
import { OUTCOMES } from "../../api/types.ts";
import { Button } from "../../components/button.tsx";
import { Choice } from "../../components/choice.tsx";
import { useMe } from "../session/me-context.ts";
import { may } from "../session/rooms.ts";
import { OUTCOME_WORDS } from "./outcome-badge.tsx";

interface FiltersProps {
  readonly filter: RequestFilter;
  readonly onChange: (filter: RequestFilter) => void;
}

/** One choice per property; what is chosen stands in the address. */
export function Filters({ filter, onChange }: FiltersProps): ReactNode {
  const { api } = useApp();
  const me = useMe();
  const models = useQuery(chatModelsQuery(api));
  const keys = useQuery({
    ...apiKeysQuery(api, may(me, "users:manage") ? "tenant" : "own", {}, undefined),
    enabled: may(me, "api_keys:manage"),
  });
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
        options={(models.data ?? []).map(({ slug }) => ({ value: slug, words: slug }))}
        onPick={(model) => onChange({ ...filter, model })}
      />
      <Choice
        label="API key"
        value={filter.api_key_id}
        options={(keys.data?.items ?? []).map(({ id, name, last4 }) => ({
          value: id,
          words: `${name} (…${last4})`,
        }))}
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
