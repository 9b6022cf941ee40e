import type { Budget } from "../../api/types.ts";
import { percentOf } from "./standing.ts";

/** A budget as its form holds it: texts as they are typed, a limit left empty is none. */
export interface Draft {
  readonly period: Budget["period"];
  readonly cost: string;
  readonly tokens: string;
  readonly requests: string;
  /** Of a hundred. */
  readonly softPercent: string;
  readonly action: Budget["hard_action"];
}

export const EMPTY_DRAFT: Draft = {
  period: "monthly",
  cost: "",
  tokens: "",
  requests: "",
  softPercent: "80",
  action: "block",
};

/** The form of a budget as it is now. */
export function draftOf(budget: Budget): Draft {
  return {
    period: budget.period,
    cost: budget.cost_limit ?? "",
    tokens: budget.token_limit === undefined ? "" : String(budget.token_limit),
    requests: budget.request_limit === undefined ? "" : String(budget.request_limit),
    softPercent: percentOf(budget.soft_limit_pct),
    action: budget.hard_action,
  };
}

/** What makes a budget, but for its scope. */
export function creationOf(draft: Draft): object {
  return {
    period: draft.period,
    ...(draft.cost !== "" && { cost_limit: draft.cost }),
    ...(draft.tokens !== "" && { token_limit: Number(draft.tokens) }),
    ...(draft.requests !== "" && { request_limit: Number(draft.requests) }),
    soft_limit_pct: shareOf(draft.softPercent),
    hard_action: draft.action,
  };
}

/** Of a form only what is to be another; null takes a limit away. */
export function changeOf(former: Draft, draft: Draft): object {
  const count = (typed: string): number | null => (typed === "" ? null : Number(typed));
  return {
    ...(draft.cost !== former.cost && { cost_limit: draft.cost === "" ? null : draft.cost }),
    ...(draft.tokens !== former.tokens && { token_limit: count(draft.tokens) }),
    ...(draft.requests !== former.requests && { request_limit: count(draft.requests) }),
    ...(draft.softPercent !== former.softPercent && { soft_limit_pct: shareOf(draft.softPercent) }),
    ...(draft.action !== former.action && { hard_action: draft.action }),
  };
}

function shareOf(percent: string): number {
  return Number((Number(percent) / 100).toFixed(4));
}
