import { newId } from "../../base/ids.ts";
import { POLICY_DEFAULTS, type RoutingPolicy } from "../../core/catalogue.ts";
import { createPolicy, updatePolicy } from "../../store/catalogue/writer.ts";
import { demandPolicy, policyGiven } from "../routing-policies/policy-body.ts";
import { fieldsApart } from "./difference.ts";
import type { Draft } from "./draft.ts";
import type { Declared } from "./schema.ts";

/** Plans what becomes of the routing policies of the file, whose backends and models have been planned. */
export function planPolicies(declared: Declared, gone: ReadonlySet<string>, draft: Draft): void {
  for (const [slug, entry] of Object.entries(declared.routing_policies)) {
    const modelId = draft.idOf("models", slug) ?? storedModel(slug, gone, draft);
    if (modelId === undefined)
      draft.refuse(["routing_policies", slug], "is the policy of a model that is not there");
    else planPolicy(slug, entry, modelId, declared, draft);
  }
}

/** A model that is not in the file, and was not until now. */
function storedModel(slug: string, gone: ReadonlySet<string>, { deps }: Draft): string | undefined {
  const model = deps.snapshot.modelBySlug(slug);
  return model && !gone.has(model.id) ? model.id : undefined;
}

function planPolicy(
  slug: string,
  { targets, ...entry }: Declared["routing_policies"][string],
  modelId: string,
  declared: Declared,
  draft: Draft,
): void {
  const { deps, now } = draft;
  const former = draft.formerOf(slug, deps.snapshot.policies(), (policy) => policy.modelId === modelId);
  const id = former?.id ?? newId("route", now);
  draft.name("routing_policies", slug, id);
  const next: RoutingPolicy = {
    ...POLICY_DEFAULTS,
    ...policyGiven(entry),
    targets: targets.map(({ backend, ...target }) => ({
      backend_id: draft.idOf("backends", backend) ?? "",
      ...target,
    })),
    id,
    modelId,
    createdAt: former?.createdAt ?? now,
    declaredAs: slug,
  };
  draft.attempt(["routing_policies", slug], () => demandPolicy(next, { snapshot: planned(declared, draft) }));
  const fields = former ? fieldsApart(former, next) : [];
  const writes = former ? updatePolicy(next, now, former) : createPolicy(next, now);
  draft.settle({ section: "routing_policies", name: slug, former, id, fields, writes });
}

/** The catalogue as it will be: what a policy may refer to. */
function planned(declared: Declared, draft: Draft): Parameters<typeof demandPolicy>[1]["snapshot"] {
  const { snapshot } = draft.deps;
  const models = new Map(
    Object.entries(declared.models).map(([slug, { modality }]) => {
      const id = draft.idOf("models", slug) ?? "";
      return [slug, { id, modality }] as const;
    }),
  );
  const byId = new Map([...models.values()].map((model) => [model.id, model]));
  return {
    modelById: (id) => byId.get(id) ?? snapshot.modelById(id),
    modelBySlug: (slug) => models.get(slug) ?? snapshot.modelBySlug(slug),
    backendById: (id) => (draft.isDeclared(id) ? { id } : snapshot.backendById(id)),
  };
}
