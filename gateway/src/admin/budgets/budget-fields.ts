import { z } from "zod";
import { formatAmount, parseAmount, TOTAL_MAX } from "../../base/money.ts";
import { BUDGET_PERIODS, type BudgetLimits, HARD_ACTIONS, type MeasureName } from "../../core/budget.ts";
import { ApiError, type ErrorDetail } from "../../errors.ts";
import { decimal, wholeNumber } from "../fields.ts";

const COUNT_MAX = 1_000_000_000_000;
const TEN_THOUSAND = 10_000;

const cost = decimal.describe("In the installation's currency.");
const tokens = wholeNumber(0, COUNT_MAX).describe("Input and output.");
const requests = wholeNumber(0, COUNT_MAX).describe("Requests that deliver content.");
const softLimit = z
  .number("must be a number from 0.0001 to 1")
  .min(0.0001, "must be a number from 0.0001 to 1")
  .max(1, "must be a number from 0.0001 to 1")
  .describe("The share of a limit from which on it is nearly used up.");
const hardAction = z
  .enum(HARD_ACTIONS)
  .describe(
    "What happens when nothing is left: requests are refused, or nobody but you is told, or the scope is slowed down from the soft limit on.",
  );

/** What a budget is made with, beside its scope. */
export const budgetTerms = {
  period: z.enum(BUDGET_PERIODS).describe("In the scope's time zone; weeks begin on Monday."),
  cost_limit: cost.optional(),
  token_limit: tokens.optional(),
  request_limit: requests.optional(),
  soft_limit_pct: softLimit.default(0.8),
  hard_action: hardAction.default("block"),
};

/** What of it may change; a limit that is null is none. */
export const budgetChanges = {
  cost_limit: cost.nullable().optional(),
  token_limit: tokens.nullable().optional(),
  request_limit: requests.nullable().optional(),
  soft_limit_pct: softLimit.optional(),
  hard_action: hardAction.optional(),
};

interface LimitsInput {
  readonly cost_limit?: string | null | undefined;
  readonly token_limit?: number | null | undefined;
  readonly request_limit?: number | null | undefined;
}

/**
 * The limits after a change of former ones. `path` is put before the names of fields. Throws ApiError VALIDATION_ERROR
 * for a cost that is none, and where no limit is left.
 */
export function limitsFrom(input: LimitsInput, former: BudgetLimits = {}, path = ""): BudgetLimits {
  const limits: { -readonly [Name in MeasureName]?: BudgetLimits[Name] } = { ...former };
  const details: ErrorDetail[] = [];
  if (input.cost_limit === null) delete limits.pico;
  else if (input.cost_limit !== undefined) {
    const amount = parseAmount(input.cost_limit);
    if (amount === undefined || amount > TOTAL_MAX) {
      details.push({ field: `${path}cost_limit`, message: costProblem(input.cost_limit) });
    } else limits.pico = amount;
  }
  for (const [name, value] of [
    ["tokens", input.token_limit],
    ["requests", input.request_limit],
  ] as const) {
    if (value === null) delete limits[name];
    else if (value !== undefined) limits[name] = value;
  }
  if (details.length === 0 && Object.keys(limits).length === 0) {
    details.push({
      field: `${path}cost_limit`,
      message: "a budget needs at least one of cost_limit, token_limit and request_limit",
    });
  }
  if (details.length > 0) throw new ApiError("VALIDATION_ERROR", undefined, { details });
  return limits;
}

/** What is wrong with the limits of a new budget, by field. */
export function limitProblems(input: LimitsInput): readonly ErrorDetail[] {
  try {
    limitsFrom(input);
    return [];
  } catch (error) {
    if (error instanceof ApiError) return error.init.details ?? [];
    throw error;
  }
}

function costProblem(text: string): string {
  if (/^-\d/.test(text)) return "must not be negative";
  if (/^\d+\.\d{13,}$/.test(text)) return "has more than 12 decimals";
  if (/^\d+(\.\d+)?$/.test(text)) return `is more than ${formatAmount(TOTAL_MAX)}`;
  return 'must be a decimal number in a string, such as "250.00"';
}

/** A share as ten-thousandths. */
export function tenThousandths(share: number): number {
  return Math.round(share * TEN_THOUSAND);
}

/** Ten-thousandths as a share. */
export function shareOf(parts: number): number {
  return parts / TEN_THOUSAND;
}
