import { formatAmount } from "../../base/money.ts";
import { newId } from "../../base/ids.ts";
import type { Budget } from "../../core/budget.ts";
import type { Scope } from "../../core/scope.ts";
import { createBudget, deleteBudget, updateBudget } from "../../store/budgets/writer.ts";
import { limitsFrom, shareOf, tenThousandths } from "../budgets/budget-fields.ts";
import { BUDGETS_PER_SCOPE, ownerOf } from "../budgets/budgeted.ts";
import { ScopeNames } from "./scope-names.ts";
import { fieldsApart } from "./difference.ts";
import type { Draft } from "./draft.ts";
import type { Declared } from "./schema.ts";

type Entry = Declared["budgets"][string];

/** Whose budgets the file's are: nobody below may change them. */
export const PLATFORM: Scope = { level: "platform" };

/** What stands fast while the budgets of one file are planned. */
interface Present {
  readonly names: ScopeNames;
  /** By their names in the file. */
  readonly declared: ReadonlyMap<string, Budget>;
  /** How many there will be over a scope, as far as is known. */
  readonly counts: Map<string, number>;
  /** Those that the file names no longer. */
  readonly gone: readonly Budget[];
}

/** Plans what becomes of the budgets of the file. */
export function planBudgets(entries: Declared["budgets"], gone: readonly Budget[], draft: Draft): void {
  const names = Object.entries(entries);
  if (names.length === 0) return;
  const { snapshot } = draft.deps;
  const declared = new Map<string, Budget>();
  for (const budget of snapshot.budgets.all()) {
    if (budget.declaredAs !== undefined) declared.set(budget.declaredAs, budget);
  }
  const present: Present = { names: new ScopeNames(snapshot), declared, counts: new Map(), gone };
  for (const [name, entry] of names) planBudget(name, entry, present, draft);
}

function planBudget(name: string, entry: Entry, present: Present, draft: Draft): void {
  const { deps, now } = draft;
  const path = ["budgets", name];
  const found = present.names.find(entry.scope, entry.scope_id);
  if ("problem" in found) return draft.refuse([...path, "scope_id"], found.problem);
  const scopeId = found.id;
  const owner = ownerOf(entry.scope, scopeId, PLATFORM, deps);
  const limits = draft.attempt(path, () => limitsFrom(entry));
  if (!owner || !limits) return;
  const former = formerOf(name, entry, scopeId, present, draft);
  // One over somebody else, or for another stretch of time, has spent something else: it is another budget.
  const isSame = former !== undefined && former.scopeId === scopeId && former.period === entry.period;
  const kept = isSame ? former : undefined;
  const next: Budget = {
    id: kept?.id ?? newId("budget", now),
    scope: entry.scope,
    scopeId,
    ...owner,
    period: entry.period,
    limits,
    softLimit: tenThousandths(entry.soft_limit_pct),
    hardAction: entry.hard_action,
    setBy: "platform",
    createdAt: kept?.createdAt ?? now,
    declaredAs: name,
  };
  if (former?.scopeId !== scopeId) demandRoom([...path, "scope_id"], scopeId, present, draft);
  draft.name("budgets", name, next.id);
  const fields = former ? fieldsApart(termsOf(former), termsOf(next)) : [];
  const writes = kept
    ? updateBudget(kept.id, next, PLATFORM, now)
    : [...(former ? deleteBudget(former.id, PLATFORM, now) : []), ...createBudget(next, now)];
  draft.settle({ section: "budgets", name, former, id: next.id, fields, writes });
}

/** What was made of an entry before, else the platform's own budget over the same scope and period. */
function formerOf(
  name: string,
  { period }: Entry,
  scopeId: string,
  { declared }: Present,
  draft: Draft,
): Budget | undefined {
  const former = declared.get(name);
  if (former) return former;
  // One that a level below has made stays theirs.
  return draft.formerOf(
    name,
    draft.deps.snapshot.budgets.of(scopeId),
    (budget) => budget.setBy === "platform" && budget.period === period && !draft.isDeclared(budget.id),
  );
}

function demandRoom(path: readonly string[], scopeId: string, { counts, gone }: Present, draft: Draft): void {
  const { budgets } = draft.deps.snapshot;
  const leaving = gone.filter((budget) => budget.scopeId === scopeId).length;
  const count = (counts.get(scopeId) ?? budgets.of(scopeId).length - leaving) + 1;
  counts.set(scopeId, count);
  if (count > BUDGETS_PER_SCOPE) {
    draft.refuse(path, `has more budgets than the ${BUDGETS_PER_SCOPE} that a scope may have`);
  }
}

/** What the file says of a budget, in the words of the API. */
function termsOf({ scope, scopeId, period, limits, softLimit, hardAction }: Budget): object {
  const { pico, tokens, requests } = limits;
  return {
    scope,
    scope_id: scopeId,
    period,
    cost_limit: pico === undefined ? undefined : formatAmount(pico),
    token_limit: tokens,
    request_limit: requests,
    soft_limit_pct: shareOf(softLimit),
    hard_action: hardAction,
  };
}
