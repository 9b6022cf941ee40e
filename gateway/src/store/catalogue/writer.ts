import type { Avatar, Backend, FrontendModel, Provider, RoutingPolicy } from "../../core/catalogue.ts";
import { changed } from "../changes/writer.ts";
import { forgetRatio } from "../estimates/ratios.ts";
import { flag, optionalInteger } from "../rows.ts";
import { build, type Write } from "../write.ts";

function providerColumns(provider: Provider) {
  return {
    type: provider.type,
    preset: provider.preset ?? null,
    name: provider.name,
    base_url: provider.baseUrl ?? null,
    nodes: provider.nodes === undefined ? null : JSON.stringify(provider.nodes),
    status: provider.status,
    declared_as: provider.declaredAs ?? null,
  };
}

/** `sealed` is sealed text, never plaintext; null = it needs no credentials. */
export function createProvider(provider: Provider, sealed: string | null, atMs: number): Write[] {
  const statement = build.insertInto("providers").values({
    id: provider.id,
    credentials: sealed,
    created_at: BigInt(provider.createdAt),
    ...providerColumns(provider),
  });
  return [changed("provider", provider.id, atMs), { statement, about: "provider" }];
}

/** The columns in which two rows differ: what else somebody has changed meanwhile stays. */
function differing<Columns extends object>(next: Columns, former: Columns | undefined): Partial<Columns> {
  if (former === undefined) return next;
  const kept: Partial<Columns> = {};
  for (const column in next) if (next[column] !== former[column]) kept[column] = next[column];
  return kept;
}

/**
 * `sealed`: undefined keeps the credentials, null removes them. Only what differs from `former` is written. Conflicts:
 * `missing`.
 */
export function updateProvider(
  provider: Provider,
  sealed: string | null | undefined,
  atMs: number,
  former?: Provider,
): Write[] {
  const statement = build
    .updateTable("providers")
    .set({
      id: provider.id,
      ...differing(providerColumns(provider), former && providerColumns(former)),
      ...(sealed !== undefined && { credentials: sealed }),
    })
    .where("id", "=", provider.id);
  return [changed("provider", provider.id, atMs), { statement, about: "provider", expectRows: 1 }];
}

/** Conflicts: `missing`; `in_use` while it has backends. */
export function deleteProvider(id: string, atMs: number): Write[] {
  const statement = build.deleteFrom("providers").where("id", "=", id);
  return [changed("provider", id, atMs), { statement, about: "provider", expectRows: 1 }];
}

function backendColumns(backend: Backend) {
  return {
    provider_id: backend.providerId,
    uri: backend.uri,
    upstream_model: backend.upstreamModel,
    dialect: backend.dialect,
    capabilities: JSON.stringify(backend.capabilities),
    timeouts: JSON.stringify(backend.timeouts),
    max_concurrency: optionalInteger(backend.maxConcurrency),
    account_limits: backend.accountLimits === undefined ? null : JSON.stringify(backend.accountLimits),
    probes_per_hour: optionalInteger(backend.probesPerHour),
    region: backend.region ?? null,
    free: flag(backend.free),
    status: backend.status,
    declared_as: backend.declaredAs ?? null,
  };
}

/** `sealed` is sealed text, never plaintext; null = it needs no credentials. Conflicts: `missing_parent`. */
export function createBackend(backend: Backend, sealed: string | null, atMs: number): Write[] {
  const statement = build.insertInto("backends").values({
    id: backend.id,
    credentials: sealed,
    created_at: BigInt(backend.createdAt),
    ...backendColumns(backend),
  });
  return [changed("backend", backend.id, atMs), { statement, about: "backend" }];
}

/**
 * `sealed`: undefined keeps the credentials, null removes them. Only what differs from `former` is written. Conflicts:
 * `missing`, `missing_parent`.
 */
export function updateBackend(
  backend: Backend,
  sealed: string | null | undefined,
  atMs: number,
  former?: Backend,
): Write[] {
  const statement = build
    .updateTable("backends")
    .set({
      id: backend.id,
      ...differing(backendColumns(backend), former && backendColumns(former)),
      ...(sealed !== undefined && { credentials: sealed }),
    })
    .where("id", "=", backend.id);
  return [changed("backend", backend.id, atMs), { statement, about: "backend", expectRows: 1 }];
}

/**
 * Deletes a backend and takes it out of the policies that name it: the caller passes those policies as they are
 * now. Conflicts: `missing`.
 */
export function deleteBackend(id: string, policies: readonly RoutingPolicy[], atMs: number): Write[] {
  const statement = build.deleteFrom("backends").where("id", "=", id);
  return [
    changed("backend", id, atMs),
    { statement, about: "backend", expectRows: 1 },
    forgetRatio(id),
    ...policies
      .filter((policy) => policy.targets.some((target) => target.backend_id === id))
      .flatMap((policy) =>
        updatePolicy(
          { ...policy, targets: policy.targets.filter((target) => target.backend_id !== id) },
          atMs,
        ),
      ),
  ];
}

function modelColumns(model: FrontendModel) {
  return {
    slug: model.slug,
    display_name: model.displayName,
    description: model.description ?? null,
    modality: model.modality,
    capabilities: JSON.stringify(model.capabilities),
    context_window: BigInt(model.contextWindow),
    max_output_tokens: optionalInteger(model.maxOutputTokens),
    default_params: JSON.stringify(model.defaultParams),
    system_prompt: model.systemPrompt ?? null,
    free: flag(model.free),
    status: model.status,
    owned_by: model.ownedBy,
    declared_as: model.declaredAs ?? null,
  };
}

/** Conflicts: `taken` models.slug. */
export function createModel(model: FrontendModel, atMs: number): Write[] {
  const statement = build
    .insertInto("models")
    .values({ id: model.id, created_at: BigInt(model.createdAt), ...modelColumns(model) });
  return [changed("model", model.id, atMs), { statement, about: "model" }];
}

/** Only what differs from `former` is written. Conflicts: `missing`; `taken` models.slug. */
export function updateModel(model: FrontendModel, atMs: number, former?: FrontendModel): Write[] {
  const columns = differing(modelColumns(model), former && modelColumns(former));
  const statement = build
    .updateTable("models")
    .set({ id: model.id, ...columns })
    .where("id", "=", model.id);
  return [changed("model", model.id, atMs), { statement, about: "model", expectRows: 1 }];
}

/** Its picture, or none: whatever else changes a model leaves that alone. Conflicts: `missing`. */
export function setAvatar(id: string, avatar: Avatar | undefined, atMs: number): Write[] {
  const statement = build
    .updateTable("models")
    .set({ avatar: avatar === undefined ? null : JSON.stringify(avatar) })
    .where("id", "=", id);
  return [changed("model", id, atMs), { statement, about: "model", expectRows: 1 }];
}

/** Conflicts: `missing`; `in_use` while it has a routing policy. */
export function deleteModel(id: string, atMs: number): Write[] {
  const statement = build.deleteFrom("models").where("id", "=", id);
  return [changed("model", id, atMs), { statement, about: "model", expectRows: 1 }];
}

function policyColumns(policy: RoutingPolicy) {
  return {
    model_id: policy.modelId,
    strategy: policy.strategy,
    targets: JSON.stringify(policy.targets),
    retry: JSON.stringify(policy.retry),
    failover_on: JSON.stringify(policy.failoverOn),
    midstream: policy.midstream,
    sticky: policy.sticky,
    fallback_models: JSON.stringify(policy.fallbackModels),
    fallback_price: policy.fallbackPrice,
    declared_as: policy.declaredAs ?? null,
    under_grants: policy.underGrants === true ? 1n : 0n,
  };
}

/** Conflicts: `taken` routing_policies.model_id; `missing_parent` (the model). */
export function createPolicy(policy: RoutingPolicy, atMs: number): Write[] {
  const statement = build
    .insertInto("routing_policies")
    .values({ id: policy.id, created_at: BigInt(policy.createdAt), ...policyColumns(policy) });
  return [changed("routing_policy", policy.id, atMs), { statement, about: "routing_policy" }];
}

/** Only what differs from `former` is written. Conflicts: `missing`. */
export function updatePolicy(policy: RoutingPolicy, atMs: number, former?: RoutingPolicy): Write[] {
  const columns = differing(policyColumns(policy), former && policyColumns(former));
  const statement = build
    .updateTable("routing_policies")
    .set({ id: policy.id, ...columns })
    .where("id", "=", policy.id);
  return [changed("routing_policy", policy.id, atMs), { statement, about: "routing_policy", expectRows: 1 }];
}

/** Conflicts: `missing`. */
export function deletePolicy(id: string, atMs: number): Write[] {
  const statement = build.deleteFrom("routing_policies").where("id", "=", id);
  return [changed("routing_policy", id, atMs), { statement, about: "routing_policy", expectRows: 1 }];
}
