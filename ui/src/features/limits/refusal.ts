import type { Trace } from "../../api/types.ts";
import { difference } from "../../lib/decimal.ts";
import { amountWords, MEASURE_NAMES } from "../budgets/standing.ts";
import type { MeasureName } from "../budgets/standing.ts";
import type { SubjectKind } from "../subjects/names.tsx";

const LIMIT_CODES: ReadonlySet<string> = new Set(["RATE_LIMITED", "BUDGET_EXCEEDED", "BUDGET_RESERVED"]);

/** Whether it was a limit or a budget that refused a request. */
export function isLimitRefusal(code: string | undefined): boolean {
  return code !== undefined && LIMIT_CODES.has(code);
}

/** How a budget stood when it refused a request. */
export interface BudgetRefusal {
  readonly budgetId: string;
  readonly scope: SubjectKind;
  readonly measure: MeasureName;
  /** Absent for a budget whose figures the caller may not know. */
  readonly figures?: BudgetFigures;
  /** Output tokens that would have fitted. */
  readonly affordableTokens?: string;
  readonly resetsAt?: string;
  /** It was requests in flight that held what was left. */
  readonly isReserved: boolean;
}

/** In words. */
export interface BudgetFigures {
  readonly limit: string;
  readonly spent: string;
  readonly reserved: string;
  readonly remaining: string;
  readonly required: string;
  /** What there was too little of. */
  readonly missing: string;
}

/** What a budget told whom it refused; undefined where no budget did. */
export function budgetRefusalOf({ refusal, error_code: code }: Trace): BudgetRefusal | undefined {
  const told = new Map(refusal?.details.map(({ field, message }) => [field, message]));
  const budgetId = told.get("budget_id");
  const measure = MEASURE_NAMES.find((name) => name === told.get("measure"));
  const scope = scopeNamed(told.get("scope"));
  if (budgetId === undefined || measure === undefined || scope === undefined) return undefined;
  const figures = figuresOf(told, measure);
  const [affordableTokens, resetsAt] = [told.get("affordable_max_tokens"), told.get("resets_at")];
  return {
    budgetId,
    scope,
    measure,
    isReserved: code === "BUDGET_RESERVED",
    ...(figures && { figures }),
    ...(affordableTokens !== undefined && { affordableTokens }),
    ...(resetsAt !== undefined && { resetsAt }),
  };
}

const SCOPES = ["partner", "tenant", "group", "user", "api_key"] as const satisfies readonly SubjectKind[];

function scopeNamed(text: string | undefined): SubjectKind | undefined {
  return SCOPES.find((scope) => scope === text);
}

function figuresOf(told: ReadonlyMap<string, string>, measure: MeasureName): BudgetFigures | undefined {
  const [required, remaining] = [told.get("required"), told.get("remaining")];
  if (required === undefined || remaining === undefined) return undefined;
  const words = (name: string): string => amountWords(measure, told.get(name) ?? "0");
  return {
    limit: words("limit"),
    spent: words("spent"),
    reserved: words("reserved"),
    remaining: words("remaining"),
    required: words("required"),
    missing: amountWords(measure, difference(required, remaining)),
  };
}

/** When a limit said there would be room again; undefined where it did not say. */
export function roomAgainAt({
  refusal,
  started_at: startedAt,
  duration_ms: durationMs,
}: Trace): string | undefined {
  if (refusal?.retry_after === undefined) return undefined;
  return new Date(Date.parse(startedAt) + durationMs + refusal.retry_after * 1000).toISOString();
}
