import { useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useApp } from "../../app-context.ts";
import type { DiscoveredModel } from "../../api/types.ts";
import { asFailure } from "../../api/failure.ts";
import type { ApiFailure } from "../../api/failure.ts";
import { adopt, draftOf } from "./adoption.ts";
import type { Adopted, Draft } from "./adoption.ts";

/** What is known of one model of the list, beside what the provider says. */
export interface Choice {
  readonly draft: Draft;
  readonly isChosen: boolean;
  readonly adopted: Adopted;
  readonly failure?: ApiFailure | undefined;
}

/** The choice among found models, and the making of what was chosen, one after the other. */
export function useAdoption(models: readonly DiscoveredModel[]) {
  const { api, announcement } = useApp();
  const queries = useQueryClient();
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map());
  const [isPending, setIsPending] = useState(false);
  const isUnderWay = useRef(false);
  const choiceOf = (found: DiscoveredModel): Choice =>
    choices.get(found.upstream_model) ?? { draft: draftOf(found), isChosen: false, adopted: {} };
  const change = (found: DiscoveredModel, part: Partial<Choice>): void =>
    setChoices((now) => {
      const former = now.get(found.upstream_model) ?? choiceOf(found);
      return new Map(now).set(found.upstream_model, { ...former, ...part });
    });
  const chosen = models.filter((found) => choiceOf(found).isChosen);
  const adoptChosen = async (): Promise<void> => {
    for (const found of chosen) {
      const { draft, adopted } = choiceOf(found);
      change(found, { failure: undefined });
      try {
        await adopt(api, found, draft, adopted, (now) => change(found, { adopted: now }));
        change(found, { isChosen: false });
      } catch (error) {
        change(found, { failure: asFailure(error) });
      }
    }
    const stale = ["models", "backends", "providers", "backend-health"];
    await Promise.all(stale.map((name) => queries.invalidateQueries({ queryKey: [name] })));
    announcement.set("The models have been looked after: see the list.");
  };
  const run = (): void => {
    if (isUnderWay.current || chosen.length === 0) return;
    isUnderWay.current = true;
    setIsPending(true);
    void adoptChosen().finally(() => {
      isUnderWay.current = false;
      setIsPending(false);
    });
  };
  const done = models.filter((found) => choiceOf(found).adopted.isDone);
  return { choiceOf, change, chosen, done, isPending, run };
}
export type Adoption = ReturnType<typeof useAdoption>;
