import type {
  AccountLimits,
  Avatar,
  Backend,
  FrontendModel,
  Provider,
  RoutingPolicy,
} from "../../core/catalogue.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { fromJson, optionalNumber, present } from "../rows.ts";
import type { BackendsTable, ModelsTable, ProvidersTable, RoutingPoliciesTable } from "../schema.ts";
import type { Reader } from "../store.ts";

/** A provider and its credentials, still sealed. */
export interface StoredProvider {
  readonly provider: Provider;
  readonly sealed?: string;
}

/** A backend and its own credentials, still sealed. */
export interface StoredBackend {
  readonly backend: Backend;
  readonly sealed?: string;
}

function toProvider(row: ProvidersTable): StoredProvider {
  return {
    provider: {
      id: row.id,
      type: row.type,
      name: row.name,
      ...present({ preset: row.preset, baseUrl: row.base_url, declaredAs: row.declared_as }),
      ...(row.nodes !== null && { nodes: fromJson<readonly string[]>(row.nodes) }),
      status: row.status,
      createdAt: Number(row.created_at),
    },
    ...present({ sealed: row.credentials }),
  };
}

function toBackend(row: BackendsTable): StoredBackend {
  return {
    backend: {
      id: row.id,
      providerId: row.provider_id,
      uri: row.uri,
      upstreamModel: row.upstream_model,
      dialect: row.dialect,
      capabilities: fromJson<Backend["capabilities"]>(row.capabilities),
      timeouts: fromJson<Backend["timeouts"]>(row.timeouts),
      ...present({
        maxConcurrency: optionalNumber(row.max_concurrency),
        accountLimits: row.account_limits === null ? null : fromJson<AccountLimits>(row.account_limits),
        probesPerHour: optionalNumber(row.probes_per_hour),
        region: row.region,
      }),
      free: row.free === 1n,
      status: row.status,
      ...present({ declaredAs: row.declared_as }),
      createdAt: Number(row.created_at),
    },
    ...present({ sealed: row.credentials }),
  };
}

function toModel(row: ModelsTable): FrontendModel {
  return {
    id: row.id,
    slug: row.slug,
    displayName: row.display_name,
    modality: row.modality,
    capabilities: fromJson<FrontendModel["capabilities"]>(row.capabilities),
    contextWindow: Number(row.context_window),
    ...present({
      description: row.description,
      maxOutputTokens: optionalNumber(row.max_output_tokens),
      systemPrompt: row.system_prompt,
    }),
    defaultParams: fromJson<FrontendModel["defaultParams"]>(row.default_params),
    free: row.free === 1n,
    status: row.status,
    ownedBy: row.owned_by,
    ...(row.avatar !== null && { avatar: fromJson<Avatar>(row.avatar) }),
    ...present({ declaredAs: row.declared_as }),
    createdAt: Number(row.created_at),
  };
}

function toPolicy(row: RoutingPoliciesTable): RoutingPolicy {
  return {
    id: row.id,
    modelId: row.model_id,
    strategy: row.strategy,
    targets: fromJson<RoutingPolicy["targets"]>(row.targets),
    retry: fromJson<RoutingPolicy["retry"]>(row.retry),
    failoverOn: fromJson<RoutingPolicy["failoverOn"]>(row.failover_on),
    midstream: row.midstream,
    sticky: row.sticky,
    fallbackModels: fromJson<RoutingPolicy["fallbackModels"]>(row.fallback_models),
    fallbackPrice: row.fallback_price,
    ...present({ declaredAs: row.declared_as }),
    ...(row.under_grants === 1n && { underGrants: true }),
    createdAt: Number(row.created_at),
  };
}

export async function loadProviders(read: Reader): Promise<StoredProvider[]> {
  const query = read.selectFrom("providers").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toProvider);
}

export async function loadProvider(read: Reader, id: string): Promise<StoredProvider | undefined> {
  const row = await read.selectFrom("providers").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toProvider(row);
}

export async function loadBackends(read: Reader): Promise<StoredBackend[]> {
  const query = read.selectFrom("backends").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toBackend);
}

export async function loadBackend(read: Reader, id: string): Promise<StoredBackend | undefined> {
  const row = await read.selectFrom("backends").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toBackend(row);
}

export async function loadModels(read: Reader): Promise<FrontendModel[]> {
  const query = read.selectFrom("models").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toModel);
}

export async function loadModel(read: Reader, id: string): Promise<FrontendModel | undefined> {
  const row = await read.selectFrom("models").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toModel(row);
}

export async function loadPolicies(read: Reader): Promise<RoutingPolicy[]> {
  const query = read.selectFrom("routing_policies").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toPolicy);
}

export async function loadPolicy(read: Reader, id: string): Promise<RoutingPolicy | undefined> {
  const row = await read.selectFrom("routing_policies").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toPolicy(row);
}
