import type { Generated } from "kysely";
import type { DialectName, Modality, RoutingPolicy } from "../core/catalogue.ts";
import type { SettlementStatus } from "../core/accounting.ts";
import type {
  PartnersTable,
  TenantsTable,
  UsersTable,
  ApiKeysTable,
  PasswordsTable,
  SessionsTable,
  InvitationsTable,
  ClaimsTable,
} from "./identity-schema.ts";
import type {
  CustomRolesTable,
  GroupMembersTable,
  GroupsTable,
  ModelAccessTable,
  ModelGroupsTable,
  RoleMappingsTable,
} from "./iam/tables.ts";
import type { RequestTrace } from "../core/trace.ts";
import type { AuditChainTable, AuditLogTable, EventsTable } from "./audit/tables.ts";
import type {
  BudgetAcksTable,
  BudgetHoldsTable,
  BudgetsTable,
  BudgetWindowsTable,
} from "./budgets/tables.ts";
import type { BackendGrantsTable } from "./grants/table.ts";
import type { TokenRatiosTable } from "./estimates/table.ts";
import type { IdempotencyKeysTable } from "./idempotency/table.ts";
import type { PriceEntriesTable } from "./price-book/table.ts";
import type { LedgerSchema } from "./ledger/tables.ts";
import type { LimitSharesTable } from "./limits/tables.ts";
import type {
  DutiesTable,
  ForgottenNodesTable,
  NodesTable,
  NodeTurnsTable,
  QuarantinedRowsTable,
  StoreStartAcksTable,
  StoreStartsTable,
} from "./nodes/tables.ts";
import type { TrafficTable } from "./traffic/tables.ts";

/**
 * The tables as Kysely sees them, the same on both engines: integers are bigint, booleans are `Flag`, lists and
 * objects are JSON text, each amount is one bigint of pico, instants are epoch milliseconds.
 */
export interface Schema extends LedgerSchema {
  partners: PartnersTable;
  tenants: TenantsTable;
  users: UsersTable;
  api_keys: ApiKeysTable;
  providers: ProvidersTable;
  backends: BackendsTable;
  models: ModelsTable;
  routing_policies: RoutingPoliciesTable;
  price_versions: PriceVersionsTable;
  changes: ChangesTable;
  settings: SettingsTable;
  checkpoints: CheckpointsTable;
  usage: UsageTable;
  requests: RequestsTable;
  passwords: PasswordsTable;
  sessions: SessionsTable;
  claims: ClaimsTable;
  invitations: InvitationsTable;
  custom_roles: CustomRolesTable;
  groups: GroupsTable;
  group_members: GroupMembersTable;
  role_mappings: RoleMappingsTable;
  model_groups: ModelGroupsTable;
  model_access: ModelAccessTable;
  backend_grants: BackendGrantsTable;
  price_entries: PriceEntriesTable;
  audit_log: AuditLogTable;
  audit_chain: AuditChainTable;
  events: EventsTable;
  budgets: BudgetsTable;
  budget_windows: BudgetWindowsTable;
  budget_holds: BudgetHoldsTable;
  budget_acks: BudgetAcksTable;
  idempotency_keys: IdempotencyKeysTable;
  nodes: NodesTable;
  quarantined_rows: QuarantinedRowsTable;
  token_ratios: TokenRatiosTable;
  duties: DutiesTable;
  limit_shares: LimitSharesTable;
  node_turns: NodeTurnsTable;
  forgotten_nodes: ForgottenNodesTable;
  store_starts: StoreStartsTable;
  store_start_acks: StoreStartAcksTable;
  traffic: TrafficTable;
}

/** 0 or 1: the two engines have no boolean in common. */
export type Flag = bigint;

export interface ProvidersTable {
  id: string;
  type: string;
  preset: string | null;
  name: string;
  base_url: string | null;
  /** JSON list of base URLs. */
  nodes: string | null;
  status: "active" | "disabled";
  /** Sealed text, bound to the provider's id: the account's credentials, for backends without their own. */
  credentials: string | null;
  created_at: bigint;
  /** Its name in the configuration file that owns it. */
  declared_as: string | null;
}

export interface BackendsTable {
  id: string;
  provider_id: string;
  uri: string;
  upstream_model: string;
  dialect: DialectName;
  /** JSON list. */
  capabilities: string;
  /** JSON object of milliseconds. */
  timeouts: string;
  max_concurrency: bigint | null;
  /** JSON object. */
  account_limits: string | null;
  probes_per_hour: bigint | null;
  region: string | null;
  free: Flag;
  status: "active" | "disabled";
  /** Sealed text (`base/crypto.ts`), bound to the backend's id; the store never sees it open. */
  credentials: string | null;
  created_at: bigint;
  /** Its name in the configuration file that owns it. */
  declared_as: string | null;
}

export interface ModelsTable {
  id: string;
  slug: string;
  display_name: string;
  description: string | null;
  modality: Modality;
  /** JSON list. */
  capabilities: string;
  context_window: bigint;
  max_output_tokens: bigint | null;
  /** JSON object. */
  default_params: string;
  system_prompt: string | null;
  free: Flag;
  status: "active" | "deprecated" | "disabled";
  owned_by: string;
  /** JSON object. */
  avatar: string | null;
  created_at: bigint;
  /** Its name in the configuration file that owns it. */
  declared_as: string | null;
}

export interface RoutingPoliciesTable {
  id: string;
  model_id: string;
  strategy: RoutingPolicy["strategy"];
  /** JSON list. */
  targets: string;
  /** JSON object. */
  retry: string;
  /** JSON list. */
  failover_on: string;
  midstream: RoutingPolicy["midstream"];
  sticky: RoutingPolicy["sticky"];
  /** JSON list. */
  fallback_models: string;
  fallback_price: RoutingPolicy["fallbackPrice"];
  under_grants: Flag;
  created_at: bigint;
  /** Its name in the configuration file that owns it. */
  declared_as: string | null;
}

export interface PriceVersionsTable {
  id: string;
  subject_kind: "model" | "backend" | "grant";
  subject_id: string;
  effective_from: bigint;
  /** JSON object: bucket to pico per smallest unit, as a decimal string; and `tiers` of the same, where there are any. */
  rates: string;
  /** Where the figures are from. */
  source: string | null;
}

/** The ordered change log: every node applies its rows, in order, to what it holds in memory. */
export interface ChangesTable {
  seq: Generated<bigint>;
  kind: string;
  entity_id: string;
  at: bigint;
}

export interface SettingsTable {
  key: string;
  value: string;
}

export interface CheckpointsTable {
  node_id: string;
  at: bigint;
  body: string;
}

/** One row per settled request. */
export interface UsageTable {
  /** By it rows are booked. With PostgreSQL those of one statement share one. */
  seq: Generated<bigint>;
  /** Follows from the request id: its uniqueness is what makes settling twice impossible. */
  id: string;
  request_id: string;
  partner_id: string;
  tenant_id: string;
  user_id: string;
  api_key_id: string;
  model_id: string;
  model_slug: string;
  backend_id: string;
  status: SettlementStatus;
  stream: Flag;
  tokens_in: bigint;
  tokens_out: bigint;
  /** JSON object: bucket to count. */
  buckets: string;
  estimated: Flag;
  /** JSON: how, where they were; null = the upstream has reported, or an older release has estimated. */
  estimate: string | null;
  delivered: Flag;
  cost_pico: bigint;
  partner_pico: bigint;
  tenant_pico: bigint;
  /** Of the tenant's price. */
  bound_pico: bigint;
  absorbed_pico: bigint;
  /** The names of prices. */
  price_version_id: string | null;
  /** Null = the same. */
  partner_price_id: string | null;
  cost_version_id: string | null;
  latency_ms: bigint;
  ttft_ms: bigint | null;
  error_code: string | null;
  /** JSON object of strings, as `JSON.stringify` writes it: the metadata filter relies on that form. */
  metadata: string | null;
  /** JSON list of what it has moved in which window of which budget; null = it is under none. */
  budgets: string | null;
  /** The instant of admission. */
  created_at: bigint;
  settled_at: bigint;
}

/** What is written of such a row. */
export type UsageRow = Omit<UsageTable, "seq">;

/** One row per request trace. */
export interface RequestsTable {
  request_id: string;
  client_request_id: string | null;
  trace_id: string | null;
  upstream_id: string | null;
  partner_id: string;
  tenant_id: string;
  user_id: string;
  api_key_id: string;
  path: string;
  model_slug: string | null;
  backend_id: string | null;
  stream: Flag;
  started_at: bigint;
  duration_ms: bigint;
  http_status: bigint;
  outcome: RequestTrace["outcome"];
  error_code: string | null;
  error_reason: string | null;
  /** JSON: steps, candidates, attempts, dropped, and the duration with its fraction. */
  detail: string;
  user_agent: string | null;
}
