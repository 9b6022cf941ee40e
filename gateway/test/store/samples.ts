import type { Intent, Settlement } from "../../src/core/accounting.ts";
import {
  POLICY_DEFAULTS,
  type Backend,
  type FrontendModel,
  type Provider,
  type RoutingPolicy,
} from "../../src/core/catalogue.ts";
import type { ApiKey, Partner, Tenant, User } from "../../src/core/tenancy.ts";
import type { RequestTrace } from "../../src/core/trace.ts";
import { newId, siblingId } from "../../src/base/ids.ts";

/** 14 November 2023, 22:13:20 UTC. */
export const AT = 1_700_000_000_000;

export function partner(fields: Partial<Partner> = {}): Partner {
  const id = newId("partner", AT);
  return {
    id,
    slug: id.slice(8).toLowerCase(),
    displayName: "P",
    status: "active",
    timeZone: "UTC",
    settings: {},
    ...fields,
  };
}

export function tenant(partnerId: string, fields: Partial<Tenant> = {}): Tenant {
  const id = newId("tenant", AT);
  const slug = id.slice(7).toLowerCase();
  return {
    id,
    partnerId,
    slug,
    displayName: "T",
    status: "active",
    timeZone: "Europe/Amsterdam",
    settings: { tier: "gold", seats: 3, trial: false },
    ...fields,
  };
}

export function user(tenantId: string, fields: Partial<User> = {}): User {
  const id = newId("user", AT);
  return {
    id,
    tenantId,
    displayName: "Ünï 🦆",
    kind: "service",
    status: "active",
    roles: ["tenant_admin"],
    ...fields,
  };
}

export function apiKey(userId: string, fields: Partial<ApiKey> = {}): ApiKey {
  const id = newId("apikey", AT);
  return {
    id,
    userId,
    name: "ci",
    hash: id.padEnd(64, "0"),
    prefix: "sgk_abcd",
    last4: "wxyz",
    status: "active",
    createdAt: AT,
    ...fields,
  };
}

export function provider(fields: Partial<Provider> = {}): Provider {
  return {
    id: newId("prov", AT),
    type: "custom",
    name: "p",
    baseUrl: "http://127.0.0.1:9/v1",
    status: "active",
    createdAt: AT,
    ...fields,
  };
}

export function backend(providerId: string, fields: Partial<Backend> = {}): Backend {
  return {
    id: newId("be", AT),
    providerId,
    uri: "custom:x",
    upstreamModel: "x",
    dialect: "openai-chat",
    capabilities: ["chat", "tools"],
    timeouts: { connect: 5_000, first_byte: 20_000, idle: 30_000, total: 600_000 },
    maxConcurrency: 8,
    free: false,
    status: "active",
    createdAt: AT,
    ...fields,
  };
}

export function model(fields: Partial<FrontendModel> = {}): FrontendModel {
  const id = newId("model", AT);
  return {
    id,
    slug: `test/${id.slice(6).toLowerCase()}`,
    displayName: "M",
    modality: "chat",
    capabilities: ["chat"],
    contextWindow: 128_000,
    defaultParams: { temperature: 0.5 },
    free: true,
    status: "active",
    ownedBy: "test",
    createdAt: AT,
    ...fields,
  };
}

export function policy(modelId: string, backendIds: readonly string[]): RoutingPolicy {
  return {
    id: newId("route", AT),
    modelId,
    ...POLICY_DEFAULTS,
    targets: backendIds.map((backend_id) => ({ backend_id, priority: 1, weight: 100, enabled: true })),
    createdAt: AT,
  };
}

export const PAYER = {
  partnerId: "partner_A",
  tenantId: "tenant_A",
  userId: "user_A",
  keyId: "apikey_A",
} as const;

export function intent(fields: Partial<Intent> = {}): Intent {
  const admittedAt = fields.admittedAt ?? AT;
  return {
    requestId: newId("req", admittedAt),
    admittedAt,
    payer: PAYER,
    modelId: "model_A",
    modelSlug: "test/a",
    backendId: "be_A",
    stream: true,
    inputEstimate: 10,
    bound: { cost: 3n, partner: 2n ** 62n, tenant: 5n },
    priceVersionId: "price_A",
    metadata: { team: "a", note: 'say "hi", it\'s ok' },
    ...fields,
  };
}

export function settlement(of: Intent, fields: Partial<Settlement> = {}): Settlement {
  return {
    usageId: siblingId("usage", of.requestId),
    intent: of,
    backendId: of.backendId,
    settledAt: of.admittedAt + 1_000,
    status: "completed",
    usage: { input: 10, input_cached_read: 5, output: 7, output_reasoning: 2 },
    estimated: false,
    delivered: true,
    charge: { cost: 1n, partner: 2n, tenant: 3n },
    absorbed: 0n,
    latencyMs: 12.6,
    ttftMs: 3.2,
    ...fields,
  };
}

export function trace(fields: Partial<RequestTrace> = {}): RequestTrace {
  return {
    requestId: newId("req", AT),
    payer: PAYER,
    path: "/v1/inference/chat",
    door: "openai",
    modelSlug: "test/a",
    backendId: "be_A",
    stream: true,
    startedAt: AT,
    durationMs: 12.75,
    httpStatus: 200,
    outcome: "completed",
    steps: [{ step: "admit", atMs: 0.25 }],
    candidates: [{ backendId: "be_A", taken: true, reason: "first in line" }],
    attempts: [{ backendId: "be_A", startedMs: 0.5, durationMs: 10, outcome: "ok", status: 200 }],
    dropped: ["seed"],
    ...fields,
  };
}
