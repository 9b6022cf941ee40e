import type { Snapshot } from "../../snapshot/snapshot.ts";
import { updateBackend, updateModel, updatePolicy, updateProvider } from "../../store/catalogue/writer.ts";
import { updateBudget } from "../../store/budgets/writer.ts";
import type { Write } from "../../store/write.ts";
import { PLATFORM } from "./plan-budgets.ts";

/** Makes what a configuration file has declared the store's own, as it is. */
export function releaseWrites(snapshot: Snapshot, nowMs: number): Write[] {
  const writes: Write[] = [];
  for (const provider of snapshot.providers()) {
    if (isDeclared(provider)) writes.push(...updateProvider(released(provider), undefined, nowMs, provider));
  }
  for (const backend of snapshot.backends()) {
    if (isDeclared(backend)) writes.push(...updateBackend(released(backend), undefined, nowMs, backend));
  }
  for (const model of snapshot.models()) {
    if (isDeclared(model)) writes.push(...updateModel(released(model), nowMs, model));
  }
  for (const policy of snapshot.policies()) {
    if (isDeclared(policy)) writes.push(...updatePolicy(released(policy), nowMs, policy));
  }
  for (const budget of snapshot.budgets.all()) {
    if (isDeclared(budget)) writes.push(...updateBudget(budget.id, { declaredAs: null }, PLATFORM, nowMs));
  }
  return writes;
}

function isDeclared({ declaredAs }: { readonly declaredAs?: string }): boolean {
  return declaredAs !== undefined;
}

function released<Thing extends { readonly declaredAs?: string }>(thing: Thing): Omit<Thing, "declaredAs"> {
  const { declaredAs: _name, ...rest } = thing;
  return rest;
}
