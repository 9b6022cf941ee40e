import type { Permission } from "../../src/core/permissions.ts";
import type { ScopeLevel } from "../../src/core/scope.ts";

/** The kinds of thing that a path, or a body, names by id. */
export type Kind =
  | "user"
  | "key"
  | "tenant"
  | "partner"
  | "model"
  | "slug"
  | "session"
  | "custom_role"
  | "group"
  | "mapping"
  | "rule"
  | "model_group"
  | "request"
  | "provider"
  | "backend"
  | "policy"
  | "own_policy"
  | "grantable"
  | "grant"
  | "budget"
  | "price_entry";

/** How far a permission reaches; the first that a caller holds counts, and without any they reach what is theirs. */
export type Reach = readonly (readonly [Permission, ScopeLevel])[];

const ADMINISTERED: Reach = [
  ["platform:manage", "platform"],
  ["partner:manage", "partner"],
  ["users:manage", "tenant"],
  ["admin:access", "tenant"],
];
const ACCOUNTING: Reach = [
  ["accounting:view_all", "platform"],
  ["accounting:view_partner", "partner"],
  ["accounting:view_tenant", "tenant"],
];
const BUDGETS: Reach = [
  ["platform:manage", "platform"],
  ["partner:manage", "partner"],
  ["accounting:manage_budgets", "tenant"],
];
/** What tenants pay is set by their partner. */
const PRICES: Reach = [
  ["platform:manage", "platform"],
  ["partner:manage", "partner"],
];
const AUDIT: Reach = [
  ["platform:manage", "platform"],
  ["accounting:view_partner", "partner"],
  ["admin:access", "tenant"],
];
/** Models of a tenant are managed there and by the platform, and seen by all of the tenant. */
const MANAGED_MODELS: Reach = [
  ["platform:manage", "platform"],
  ["models:manage", "tenant"],
];
/** Grants are seen by those who manage models under them, and made by partners for their tenants. */
const GRANTS: Reach = [
  ["platform:manage", "platform"],
  ["partner:manage", "partner"],
  ["models:manage", "tenant"],
];
const SEEN_MODELS: Reach = [
  ["platform:manage", "platform"],
  ["models:list", "tenant"],
];
/** Called, or looked up to be called, in their own tenant alone: by the platform too. */
const USED_MODELS: Reach = [["models:list", "tenant"]];
const PLATFORM: Reach = [["platform:manage", "platform"]];

/** What the matrix knows of a route beyond its declaration. */
export interface Row {
  /** How far those reach who hold the permission that the endpoint declares. */
  readonly reach: Reach;
  /** What the call is about; without it the call is about everything in reach. */
  readonly kind?: Kind;
  /** A body that gets as far as the look-up. */
  readonly body?: (id: string, slug: string | undefined) => object;
  /** Where the id stands in the query. */
  readonly query?: (id: string) => Readonly<Record<string, string>>;
  /** What the body or the query asks for needs this as well. */
  readonly needs?: Permission;
  /** The status for what is out of reach: 404 unless the id stands in the body. */
  readonly hidden?: 200 | 404 | 422;
  /** Nobody can make one of what it is about: whoever reaches it is told that there is none. */
  readonly isAbsent?: true;
}

/** Nothing that belongs to anybody. */
const OPEN: Row = { reach: [["models:list", "platform"]] };
const RENAME = (): object => ({ display_name: "renamed" });
const NAME = (): object => ({ name: "renamed" });
const GENERATE = (model: string): object => ({ model, prompt: "hello" });
const RESPOND = (model: string): object => ({ model, input: "hello" });
const MESSAGE = (model: string): object => ({ ...CHAT(model), max_tokens: 9 });
const CHAT = (model: string): object => ({ model, messages: [{ role: "user", content: "hello" }] });

/** One row for each route that is not open to everybody, by method and path. */
export const ROWS: Readonly<Record<string, Row>> = {
  "POST /v1/auth/logout": OPEN,
  "POST /v1/auth/claims": { reach: PLATFORM },
  "GET /v1/auth/sessions": {
    reach: ADMINISTERED,
    kind: "user",
    query: (user_id) => ({ user_id }),
    needs: "users:manage",
  },
  "DELETE /v1/auth/sessions/{session_id}": { reach: ADMINISTERED, kind: "session" },
  "GET /v1/me": OPEN,
  "POST /v1/me/password": OPEN,
  "GET /v1/partners": { reach: ADMINISTERED },
  "GET /v1/partners/{partner_id}": { reach: ADMINISTERED, kind: "partner" },
  "POST /v1/partners": { reach: PLATFORM },
  "PATCH /v1/partners/{partner_id}": { reach: ADMINISTERED, kind: "partner", body: RENAME },
  "DELETE /v1/partners/{partner_id}": { reach: PLATFORM, kind: "partner" },
  "GET /v1/tenants": { reach: ADMINISTERED },
  "GET /v1/tenants/{tenant_id}": { reach: ADMINISTERED, kind: "tenant" },
  "POST /v1/tenants": {
    reach: ADMINISTERED,
    kind: "partner",
    body: (partner_id) => ({ slug: `made-${Bun.randomUUIDv7()}`, display_name: "Made", partner_id }),
    hidden: 422,
  },
  "PATCH /v1/tenants/{tenant_id}": { reach: ADMINISTERED, kind: "tenant", body: RENAME },
  "DELETE /v1/tenants/{tenant_id}": { reach: ADMINISTERED, kind: "tenant" },
  "GET /v1/users": { reach: ADMINISTERED },
  "GET /v1/users/{user_id}": { reach: ADMINISTERED, kind: "user" },
  "POST /v1/users": {
    reach: ADMINISTERED,
    kind: "tenant",
    body: (tenant_id) => ({ display_name: "Made", kind: "service", roles: ["tenant_viewer"], tenant_id }),
    hidden: 422,
  },
  "PATCH /v1/users/{user_id}": { reach: ADMINISTERED, kind: "user", body: RENAME },
  "PUT /v1/users/{user_id}/roles": {
    reach: ADMINISTERED,
    kind: "user",
    body: () => ({ roles: ["tenant_viewer"] }),
  },
  "POST /v1/users/{user_id}/invitation": { reach: ADMINISTERED, kind: "user" },
  "DELETE /v1/users/{user_id}": { reach: ADMINISTERED, kind: "user" },
  "GET /v1/iam/roles": OPEN,
  "GET /v1/iam/custom-roles": { reach: ADMINISTERED },
  "GET /v1/iam/custom-roles/{role_id}": { reach: ADMINISTERED, kind: "custom_role" },
  "POST /v1/iam/custom-roles": {
    reach: ADMINISTERED,
    kind: "tenant",
    body: (tenant_id) => ({ slug: `made-${Bun.randomUUIDv7()}`, name: "Made", tenant_id }),
    hidden: 422,
  },
  "PATCH /v1/iam/custom-roles/{role_id}": { reach: ADMINISTERED, kind: "custom_role", body: NAME },
  "DELETE /v1/iam/custom-roles/{role_id}": { reach: ADMINISTERED, kind: "custom_role" },
  "GET /v1/accounting/budgets": { reach: ACCOUNTING },
  "GET /v1/accounting/budgets/{budget_id}": { reach: ACCOUNTING, kind: "budget" },
  "POST /v1/accounting/budgets": {
    reach: BUDGETS,
    kind: "tenant",
    body: (scope_id) => ({ scope: "tenant", scope_id, period: "daily", request_limit: 1_000_000 }),
    hidden: 422,
  },
  "PATCH /v1/accounting/budgets/{budget_id}": {
    reach: BUDGETS,
    kind: "budget",
    body: () => ({ token_limit: 5_000_000 }),
  },
  "DELETE /v1/accounting/budgets/{budget_id}": { reach: BUDGETS, kind: "budget" },
  "GET /v1/accounting/price-versions": {
    reach: MANAGED_MODELS,
    kind: "model",
    query: (model_id) => ({ model_id }),
  },
  "POST /v1/accounting/price-versions": {
    reach: MANAGED_MODELS,
    kind: "model",
    body: (model_id) => ({ model_id, prices: { input_per_mtok: "1", output_per_mtok: "2" } }),
  },
  "GET /v1/accounting/price-books": { reach: PRICES },
  "GET /v1/accounting/price-books/{entry_id}": { reach: PRICES, kind: "price_entry" },
  "POST /v1/accounting/price-books": {
    reach: PRICES,
    kind: "tenant",
    body: (tenant_id) => ({ tenant_id, model_id: "*", mark_up_percent: "1" }),
    hidden: 422,
  },
  "DELETE /v1/accounting/price-books/{entry_id}": { reach: PRICES, kind: "price_entry" },
  "GET /v1/accounting/effective-prices/{slug...}": { reach: SEEN_MODELS, kind: "model" },
  "GET /v1/groups": { reach: ADMINISTERED },
  "GET /v1/groups/{group_id}": { reach: ADMINISTERED, kind: "group" },
  "POST /v1/groups": {
    reach: ADMINISTERED,
    kind: "tenant",
    body: (tenant_id) => ({ name: "Made", tenant_id }),
    hidden: 422,
  },
  "PATCH /v1/groups/{group_id}": { reach: ADMINISTERED, kind: "group", body: NAME },
  "DELETE /v1/groups/{group_id}": { reach: ADMINISTERED, kind: "group" },
  "GET /v1/groups/{group_id}/members": { reach: ADMINISTERED, kind: "group" },
  "PUT /v1/groups/{group_id}/members/{user_id}": { reach: ADMINISTERED, kind: "group" },
  "DELETE /v1/groups/{group_id}/members/{user_id}": { reach: ADMINISTERED, kind: "group" },
  "GET /v1/role-mappings": { reach: ADMINISTERED },
  "POST /v1/role-mappings": {
    reach: ADMINISTERED,
    kind: "group",
    body: (group_id) => ({ group_id, role: "tenant_viewer" }),
    hidden: 422,
  },
  "DELETE /v1/role-mappings/{mapping_id}": { reach: ADMINISTERED, kind: "mapping" },
  "GET /v1/model-access": { reach: ADMINISTERED },
  "POST /v1/model-access": {
    reach: ADMINISTERED,
    kind: "tenant",
    body: (tenant_id) => ({ subject_type: "tenant", effect: "block", model: "nobody/*", tenant_id }),
    hidden: 422,
  },
  "DELETE /v1/model-access/{rule_id}": { reach: ADMINISTERED, kind: "rule" },
  "GET /v1/model-groups": { reach: ADMINISTERED },
  "GET /v1/model-groups/{model_group_id}": { reach: ADMINISTERED, kind: "model_group" },
  "POST /v1/model-groups": {
    reach: ADMINISTERED,
    kind: "tenant",
    body: (tenant_id) => ({ name: "Made", models: ["nobody/*"], tenant_id }),
    hidden: 422,
  },
  "PATCH /v1/model-groups/{model_group_id}": { reach: ADMINISTERED, kind: "model_group", body: NAME },
  "DELETE /v1/model-groups/{model_group_id}": { reach: ADMINISTERED, kind: "model_group" },
  "GET /v1/api-keys": { reach: ADMINISTERED },
  "GET /v1/api-keys/{key_id}": { reach: ADMINISTERED, kind: "key" },
  "POST /v1/api-keys": {
    reach: ADMINISTERED,
    kind: "user",
    body: (assigned_user_id) => ({ name: "made", assigned_user_id }),
    needs: "users:manage",
    hidden: 422,
  },
  "PATCH /v1/api-keys/{key_id}": { reach: ADMINISTERED, kind: "key", body: () => ({ name: "renamed" }) },
  "POST /v1/api-keys/{key_id}/rotate": { reach: ADMINISTERED, kind: "key", body: () => ({}) },
  "DELETE /v1/api-keys/{key_id}": { reach: ADMINISTERED, kind: "key" },
  "POST /v1/api-keys/revoke": {
    reach: ADMINISTERED,
    kind: "key",
    body: (id) => ({ ids: [id] }),
    hidden: 200,
  },
  "GET /v1/models": { reach: SEEN_MODELS },
  "GET /v1/models/{slug...}": { reach: SEEN_MODELS, kind: "model" },
  "POST /v1/models": OPEN,
  "PATCH /v1/models/{model_id}": { reach: MANAGED_MODELS, kind: "model", body: RENAME },
  "PUT /v1/models/{model_id}": {
    reach: MANAGED_MODELS,
    kind: "model",
    body: (_id, slug = "acme/none") => ({ slug, context_window: 1_000 }),
  },
  "POST /v1/models/{model_id}/avatar": {
    reach: MANAGED_MODELS,
    kind: "model",
    body: () => ({ image: null }),
  },
  "DELETE /v1/models/{model_id}": { reach: MANAGED_MODELS, kind: "model" },
  "GET /v1/provider-presets": { reach: PLATFORM },
  "GET /v1/provider-presets/{name}": { reach: PLATFORM },
  "POST /v1/secret-key/rotations": { reach: PLATFORM },
  "GET /v1/config-file": { reach: PLATFORM },
  "GET /v1/providers": { reach: PLATFORM },
  "GET /v1/providers/{provider_id}": { reach: PLATFORM, kind: "provider" },
  "POST /v1/providers": { reach: PLATFORM },
  "PATCH /v1/providers/{provider_id}": {
    reach: PLATFORM,
    kind: "provider",
    body: () => ({ name: "renamed" }),
  },
  "POST /v1/providers/{provider_id}/test": { reach: PLATFORM, kind: "provider" },
  "POST /v1/providers/{provider_id}/discover": { reach: PLATFORM, kind: "provider" },
  "DELETE /v1/providers/{provider_id}": { reach: PLATFORM, kind: "provider" },
  "GET /v1/backends": { reach: PLATFORM },
  "GET /v1/backends/{backend_id}": { reach: PLATFORM, kind: "backend" },
  "POST /v1/backends": { reach: PLATFORM },
  "GET /v1/backends/{backend_id}/health": { reach: PLATFORM, kind: "backend" },
  "PATCH /v1/backends/{backend_id}": { reach: PLATFORM, kind: "backend", body: () => ({ region: "eu" }) },
  "DELETE /v1/backends/{backend_id}": { reach: PLATFORM, kind: "backend" },
  "GET /health/detailed": { reach: PLATFORM },
  "GET /v1/nodes": { reach: PLATFORM },
  "POST /v1/nodes/{node_id}/retire": { reach: PLATFORM, isAbsent: true },
  "POST /v1/nodes/{node_id}/forgive": { reach: PLATFORM, isAbsent: true },
  "GET /v1/nodes/quarantine": { reach: PLATFORM },
  "POST /v1/nodes/quarantine/{row_id}/retry": { reach: PLATFORM, isAbsent: true },
  "POST /v1/nodes/quarantine/{row_id}/absorb": { reach: PLATFORM, isAbsent: true },
  "GET /v1/backend-grants": { reach: GRANTS },
  "POST /v1/backend-grants": {
    reach: GRANTS,
    kind: "grantable",
    body: (tenant_id, backend_id = "be_none") => ({ tenant_id, backend_id }),
    hidden: 422,
  },
  "GET /v1/backend-grants/{grant_id}": { reach: GRANTS, kind: "grant" },
  "PATCH /v1/backend-grants/{grant_id}": {
    reach: GRANTS,
    kind: "grant",
    body: () => ({ prices: { input_per_mtok: "1", output_per_mtok: "1" } }),
  },
  "DELETE /v1/backend-grants/{grant_id}": { reach: GRANTS, kind: "grant" },
  "GET /v1/routing-policies": { reach: MANAGED_MODELS },
  "GET /v1/routing-policies/{policy_id}": { reach: MANAGED_MODELS, kind: "own_policy" },
  "POST /v1/routing-policies": { reach: MANAGED_MODELS },
  "PATCH /v1/routing-policies/{policy_id}": {
    reach: MANAGED_MODELS,
    kind: "own_policy",
    body: () => ({ strategy: "weighted" }),
  },
  "PUT /v1/routing-policies/{policy_id}": {
    reach: MANAGED_MODELS,
    kind: "own_policy",
    body: () => ({ model_id: "model_none", targets: [{ backend_id: "be_none" }] }),
  },
  "POST /v1/routing-policies/{policy_id}/preview": { reach: PLATFORM, kind: "policy", body: () => ({}) },
  "DELETE /v1/routing-policies/{policy_id}": { reach: MANAGED_MODELS, kind: "own_policy" },
  "GET /v1/accounting/statements/{month}": { reach: ACCOUNTING },
  "GET /v1/accounting/ledger": { reach: ACCOUNTING },
  "GET /v1/accounting/ledger/balances": { reach: ACCOUNTING },
  "GET /v1/accounting/adjustments": { reach: ACCOUNTING },
  "POST /v1/accounting/adjustments": {
    reach: PRICES,
    kind: "tenant",
    body: (tenant_id) => ({ tenant_id, amount: "-0.01", reason: "made" }),
    hidden: 422,
  },
  "GET /v1/accounting/export": { reach: ACCOUNTING },
  "GET /v1/accounting/usage": { reach: ACCOUNTING },
  "GET /v1/accounting/usage/summary": { reach: ACCOUNTING },
  "GET /v1/accounting/traffic": { reach: ACCOUNTING },
  "GET /v1/requests": { reach: ACCOUNTING },
  "GET /v1/requests/{request_id}": { reach: ACCOUNTING, kind: "request" },
  "GET /oai/v1/models": { reach: SEEN_MODELS },
  "GET /oai/v1/models/{model...}": { reach: USED_MODELS, kind: "slug" },
  "GET /anthropic/v1/models": { reach: SEEN_MODELS },
  "GET /anthropic/v1/models/{model...}": { reach: USED_MODELS, kind: "slug" },
  "GET /v1/audit-log": { reach: AUDIT },
  "GET /v1/audit-log/export": { reach: AUDIT },
  "GET /v1/audit-log/verification": { reach: PLATFORM },
  "POST /v1/inference/chat": { reach: USED_MODELS, kind: "slug", body: CHAT },
  "POST /oai/v1/chat/completions": { reach: USED_MODELS, kind: "slug", body: CHAT },
  "POST /v1/chat/completions": { reach: USED_MODELS, kind: "slug", body: CHAT },
  "POST /anthropic/v1/messages": { reach: USED_MODELS, kind: "slug", body: MESSAGE },
  "POST /anthropic/v1/messages/count_tokens": { reach: USED_MODELS, kind: "slug", body: CHAT },
  "POST /v1/inference/generate": { reach: USED_MODELS, kind: "slug", body: GENERATE },
  "POST /oai/v1/completions": { reach: USED_MODELS, kind: "slug", body: GENERATE },
  "POST /oai/v1/responses": { reach: USED_MODELS, kind: "slug", body: RESPOND },
  "POST /v1/responses": { reach: USED_MODELS, kind: "slug", body: RESPOND },
  "POST /v1/completions": { reach: USED_MODELS, kind: "slug", body: GENERATE },
};
