import { useId } from "react";
import type { ReactNode } from "react";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ManagedBadge } from "../../components/managed.tsx";
import { Time } from "../../components/time.tsx";
import { compare, shareOf } from "../../lib/decimal.ts";
import { capitalized } from "../../lib/format.ts";
import { SubjectName } from "../subjects/names.tsx";
import { BudgetBar } from "./budget-bar.tsx";
import {
  ACTION_WORDS,
  amountWords,
  measuresOf,
  percentOf,
  PERIOD_WORDS,
  SCOPE_WORDS,
  STATE_WORDS,
} from "./standing.ts";
import type { MeasureStanding, Standing } from "./standing.ts";

interface BudgetCardProps {
  readonly budget: Standing;
  /** Absent where it is read-only. */
  readonly onEdit?: () => void;
  readonly onDelete?: () => void;
}

/** One budget: whose, how it stands by each of its limits, and when it begins anew. */
export function BudgetCard({ budget, onEdit, onDelete }: BudgetCardProps): ReactNode {
  const titleId = useId();
  const [tone, state] = STATE_WORDS[budget.state];
  const title = `${PERIOD_WORDS[budget.period]} budget of the ${SCOPE_WORDS[budget.scope]}`;
  return (
    <article
      // The explanation of a refusal leads here.
      id={budget.id}
      aria-labelledby={titleId}
      className="grid min-w-0 content-start gap-4 rounded-lg border border-line p-4"
    >
      <div className="flex flex-wrap items-start justify-between gap-2">
        <h3 id={titleId} className="min-w-0 font-medium">
          {title} <SubjectName kind={budget.scope} id={budget.scope_id} />
        </h3>
        <span className="flex flex-wrap gap-2">
          <ManagedBadge by={budget.managed_by} />
          <Badge tone={tone}>{state}</Badge>
        </span>
      </div>
      {measuresOf(budget).map((measure) => (
        <Measure key={measure.name} measure={measure} soft={budget.soft_limit_pct} />
      ))}
      <Footer budget={budget} />
      {(onEdit ?? onDelete) && (
        <div className="flex flex-wrap gap-2">
          {onEdit && <Change word="Edit" what={titleId} onClick={onEdit} />}
          {onDelete && <Change word="Delete" what={titleId} onClick={onDelete} />}
        </div>
      )}
    </article>
  );
}

/** Its name tells which budget too: there are many such buttons on the page. */
function Change({ word, what, onClick }: { word: string; what: string; onClick: () => void }): ReactNode {
  const id = useId();
  return (
    <Button id={id} aria-labelledby={`${id} ${what}`} onClick={onClick}>
      {word}
    </Button>
  );
}

function Measure({ measure, soft }: { measure: MeasureStanding; soft: number | undefined }): ReactNode {
  const { name, limit, spent, reserved, remaining, forecast } = measure;
  const words = (amount: string): string => amountWords(name, amount);
  const isReserved = compare(reserved, "0") > 0;
  const told = `${words(spent)} spent${isReserved ? `, ${words(reserved)} reserved` : ""}, ${words(remaining)} left of ${words(limit)}`;
  return (
    <div className="grid gap-1.5">
      <p className="flex flex-wrap justify-between gap-x-4 text-sm tabular-nums">
        <span>
          <span className="text-muted">{capitalized(name)}: </span>
          <strong className="font-semibold break-all">{words(spent)}</strong> of {words(limit)}
        </span>
        <span className="text-muted">{words(remaining)} left</span>
      </p>
      <BudgetBar
        words={told}
        spent={measure.spentShare}
        reserved={measure.reservedShare}
        soft={soft}
        forecast={forecast === undefined ? undefined : shareOf(forecast, limit)}
      />
      <p className="text-xs text-muted">
        {words(reserved)} reserved for requests in flight
        {forecast !== undefined && (
          <>
            {" · at this rate "}
            <span className={compare(forecast, limit) > 0 ? "font-medium text-warn" : ""}>
              {words(forecast)} at the end
            </span>
          </>
        )}
      </p>
    </div>
  );
}

function Footer({ budget }: { budget: Standing }): ReactNode {
  const { resets_at: resets, hard_action: action, soft_limit_pct: soft, set_by: setter, state } = budget;
  return (
    <div className="grid gap-1 text-xs text-muted">
      {state === "arming" && <p>It blocks already, while what was used before is still being counted.</p>}
      <p>
        {resets === undefined ? (
          "Never begins anew. "
        ) : (
          <>
            Begins anew <Time iso={resets} as="relative" /> (<Time iso={resets} />
            ).{" "}
          </>
        )}
        {soft !== undefined && `Nearly used up from ${percentOf(soft)} % on. `}
        When nothing is left: {ACTION_WORDS[action].name.toLowerCase()}.
        {setter !== undefined && ` Set by the ${setter}.`}
      </p>
    </div>
  );
}
