import type { Budget, Me } from "../../api/types.ts";
import type { BadgeTone } from "../../components/badge.tsx";
import { shareOf, sumOf } from "../../lib/decimal.ts";
import { formatCount, formatMoney } from "../../lib/format.ts";
import { may } from "../session/rooms.ts";

export type MeasureName = keyof Budget["spent"];
export const MEASURE_NAMES = ["cost", "tokens", "requests"] as const satisfies readonly MeasureName[];

/** A budget as those see it who are only under it: without its limits, but with what is left of them. */
export type Standing = Pick<
  Budget,
  "id" | "scope" | "scope_id" | "period" | "hard_action" | "state" | "spent" | "reserved" | "remaining"
> &
  Partial<Budget>;

/** How one limit of a budget stands. Amounts are decimal texts. */
export interface MeasureStanding {
  readonly name: MeasureName;
  readonly limit: string;
  readonly spent: string;
  readonly reserved: string;
  readonly remaining: string;
  /** What will have been spent at the end of the window. */
  readonly forecast?: string;
  /** Of the limit, to draw with; more than 1 where more was spent than there is now. */
  readonly spentShare: number;
  readonly reservedShare: number;
}

const LIMITS = { cost: "cost_limit", tokens: "token_limit", requests: "request_limit" } as const;

/** How each limit of a budget stands. */
export function measuresOf(budget: Standing): readonly MeasureStanding[] {
  return MEASURE_NAMES.flatMap((name) => {
    const left = budget.remaining[name];
    if (left === undefined) return [];
    const [spent, reserved, remaining] = [budget.spent[name], budget.reserved[name], left].map(String);
    if (spent === undefined || reserved === undefined || remaining === undefined) return [];
    const known = budget[LIMITS[name]];
    const limit = known === undefined ? sumOf([spent, reserved, remaining]) : String(known);
    return [
      {
        name,
        limit,
        spent,
        reserved,
        remaining,
        ...(budget.forecast && { forecast: String(budget.forecast[name]) }),
        spentShare: shareOf(spent, limit),
        reservedShare: shareOf(reserved, limit),
      },
    ];
  });
}

/** An amount of a measure in words: money with its sign, anything else counted. */
export function amountWords(name: MeasureName, amount: string): string {
  return name === "cost" ? formatMoney(amount) : formatCount(Number(amount));
}

/** A share of one as a number of a hundred: 0.8 → "80". */
export function percentOf(share: number): string {
  return String(Number((share * 100).toFixed(2)));
}

export const STATE_WORDS: Readonly<Record<Budget["state"], readonly [BadgeTone, string]>> = {
  arming: ["accent", "Arming"],
  ok: ["good", "Within its limits"],
  soft_limit: ["warn", "Nearly used up"],
  hard_limit: ["bad", "Used up"],
};

export const PERIOD_WORDS: Readonly<Record<Budget["period"], string>> = {
  daily: "Daily",
  weekly: "Weekly",
  monthly: "Monthly",
  total: "Once and for all",
};

/** What happens when nothing is left. */
export const ACTION_WORDS: Readonly<
  Record<Budget["hard_action"], { readonly name: string; readonly meaning: string }>
> = {
  block: {
    name: "Refuse",
    meaning: "What does not fit is refused before a provider is asked. Requests in flight finish.",
  },
  throttle: {
    name: "Slow down",
    meaning:
      "From the soft limit on, the tightest rate limit shrinks with what is left, to one request a minute.",
  },
  notify: { name: "Only show it", meaning: "Nothing is refused: its state alone says how it stands." },
};

export const SCOPE_WORDS: Readonly<Record<Budget["scope"], string>> = {
  partner: "partner",
  tenant: "tenant",
  group: "group",
  user: "user",
  api_key: "API key",
};

const RANKS = { user: 0, tenant: 1, partner: 2, platform: 3 } as const;

/** Whether somebody may change a budget: those do whose level made it, and those above; nobody one of the file. */
export function mayChange(me: Me, { set_by: setter, managed_by: manager }: Standing): boolean {
  if (setter === undefined || manager !== undefined || !may(me, "accounting:manage_budgets")) return false;
  const level = may(me, "platform:manage") ? "platform" : may(me, "partner:manage") ? "partner" : "tenant";
  return RANKS[setter] <= RANKS[level];
}
