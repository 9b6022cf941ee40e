import type { Budget } from "../../core/budget.ts";
import type { Backend, FrontendModel, Provider, RoutingPolicy } from "../../core/catalogue.ts";
import type { Issue } from "../../core/issues.ts";
import { deleteBudget } from "../../store/budgets/writer.ts";
import { deleteBackend, deleteModel, deletePolicy, deleteProvider } from "../../store/catalogue/writer.ts";
import { endGrants } from "../../store/grants/writer.ts";
import type { Write } from "../../store/write.ts";
import type { Difference } from "./difference.ts";
import { planBackends } from "./plan-backends.ts";
import { planBudgets, PLATFORM } from "./plan-budgets.ts";
import { planModels } from "./plan-models.ts";
import { planPolicies } from "./plan-policies.ts";
import { planProviders } from "./plan-providers.ts";
import { Draft, type PlanDeps } from "./draft.ts";
import type { Declared } from "./schema.ts";

/** What makes the store be as the file says. */
export interface Plan {
  readonly writes: readonly Write[];
  readonly differences: readonly Difference[];
  /** Why it cannot be done. */
  readonly issues: readonly Issue[];
}

/**
 * Compares what the file declares with what there is. Objects are known by their name in the file; one of the same name
 * that the store has as its own becomes the file's, one that the file no longer names is deleted.
 */
export function planOf(declared: Declared, deps: PlanDeps): Plan {
  const draft = new Draft(deps);
  const gone = goneFrom(declared, deps);
  planProviders(declared.providers, draft);
  planBackends(declared, draft);
  planModels(declared.models, draft);
  planPolicies(declared, new Set(gone.models.map(({ id }) => id)), draft);
  planBudgets(declared.budgets, gone.budgets, draft);
  planDeletions(gone, draft);
  return draft;
}

/** What the file has declared before and does no longer. */
interface Gone {
  readonly providers: readonly Provider[];
  readonly backends: readonly Backend[];
  readonly models: readonly FrontendModel[];
  readonly policies: readonly RoutingPolicy[];
  readonly budgets: readonly Budget[];
}

function goneFrom(declared: Declared, { snapshot }: PlanDeps): Gone {
  const without = <Thing extends { readonly declaredAs?: string }>(
    things: Iterable<Thing>,
    entries: object,
  ): readonly Thing[] =>
    [...things].filter(({ declaredAs: name }) => name !== undefined && !Object.hasOwn(entries, name));
  return {
    providers: without(snapshot.providers(), declared.providers),
    backends: without(snapshot.backends(), declared.backends),
    models: without(snapshot.models(), declared.models),
    policies: without(snapshot.policies(), declared.routing_policies),
    budgets: without(snapshot.budgets.all(), declared.budgets),
  };
}

function planDeletions(gone: Gone, draft: Draft): void {
  const { snapshot } = draft.deps;
  for (const budget of gone.budgets) {
    draft.remove("budgets", budget, deleteBudget(budget.id, PLATFORM, draft.now));
  }
  const policies = new Map(gone.policies.map((policy) => [policy.id, policy]));
  for (const { id } of gone.models) {
    // Nothing is left that it could be the policy of.
    const policy = snapshot.policyOf(id);
    if (policy) policies.set(policy.id, policy);
  }
  for (const policy of policies.values()) {
    draft.remove("routing_policies", policy, deletePolicy(policy.id, draft.now));
  }
  for (const model of gone.models) draft.remove("models", model, deleteModel(model.id, draft.now));
  const others = [...snapshot.policies()].filter(({ id }) => !policies.has(id) && !draft.isDeclared(id));
  const removed = new Set(gone.backends.map(({ id }) => id));
  for (const policy of others.filter(({ targets }) => targets.some((each) => removed.has(each.backend_id)))) {
    draft.replaceTargets(policy, removed);
  }
  for (const backend of gone.backends) {
    const grants = endGrants(snapshot.grants.endingWith(backend.id), draft.now);
    draft.remove("backends", backend, [...grants, ...deleteBackend(backend.id, [], draft.now)]);
  }
  for (const provider of gone.providers) {
    const left = [...snapshot.backends()].filter(
      (each) => each.providerId === provider.id && !removed.has(each.id),
    );
    const stay = left.filter(({ id }) => !draft.isDeclared(id));
    if (stay.length > 0) {
      const names = stay.map(({ uri, id }) => `${uri} (${id})`).join(", ");
      const message = `no longer has ${provider.declaredAs ?? ""}, but backends made elsewhere stand on it: ${names}; delete them first`;
      draft.refuse(["providers"], message);
    } else draft.remove("providers", provider, deleteProvider(provider.id, draft.now));
  }
}
