import { keyLast4, keyPrefix } from "../access/key-format.ts";
import { sha256Hex } from "../base/crypto.ts";
import { newId } from "../base/ids.ts";
import type { Backend, FrontendModel, Provider, RoutingPolicy } from "../core/catalogue.ts";
import type { Role } from "../core/permissions.ts";
import type { ApiKey, Partner, Tenant, User } from "../core/tenancy.ts";
import { type Prices, ratesFrom } from "../pricing/rates.ts";
import { createBackend, createModel, createPolicy, createProvider } from "../store/catalogue/writer.ts";
import { createKey } from "../store/keys/writer.ts";
import { createPriceVersion } from "../store/prices/writer.ts";
import { loadSetting } from "../store/settings/reader.ts";
import { addSetting } from "../store/settings/writer.ts";
import type { Delta, Snapshot } from "../snapshot/snapshot.ts";
import type { Store } from "../store/store.ts";
import { createPartner, createTenant, createUser } from "../store/tenancy/writer.ts";
import type { Write } from "../store/write.ts";

const INSTALLED_AT = "installed_at";
const TIME_ZONE = "UTC";
/** The model every new installation answers with, without any account anywhere. */
export const SANDBOX_SLUG = "scailabs/poolnoodle-omni";
const SANDBOX_PRICES: Prices = { input_per_mtok: "1.00", output_per_mtok: "3.00" };

/** A service user with a key of its own. */
function serviceUser(tenantId: string, displayName: string, role: Role, now: number): User {
  return {
    id: newId("user", now),
    tenantId,
    displayName,
    kind: "service",
    status: "active",
    roles: [role],
  };
}

/** The row of a key; the key itself is not in it. */
function keyRow(key: string, userId: string, name: string, now: number): ApiKey {
  return {
    id: newId("apikey", now),
    userId,
    name,
    hash: sha256Hex(key),
    prefix: keyPrefix(key),
    last4: keyLast4(key),
    status: "active",
    createdAt: now,
  };
}

/**
 * Makes a new installation, in one commit: partner `internal`, tenant `default`, a service user that holds
 * `firstKey`, and the sandbox model. Returns whether there was anything to make. Rejects with StoreUnavailable.
 */
export async function firstStart(store: Store, firstKey: string, now: number): Promise<boolean> {
  if ((await loadSetting(store.read, INSTALLED_AT)) !== undefined) return false;
  const partner: Partner = {
    id: newId("partner", now),
    slug: "internal",
    displayName: "Internal",
    status: "active",
    timeZone: TIME_ZONE,
  };
  const tenant: Tenant = {
    id: newId("tenant", now),
    partnerId: partner.id,
    slug: "default",
    displayName: "Default",
    status: "active",
    timeZone: TIME_ZONE,
  };
  const user = serviceUser(tenant.id, "First application", "tenant_admin", now);
  await store.commit([
    addSetting(INSTALLED_AT, String(now)),
    ...createPartner(partner, now),
    ...createTenant(tenant, now),
    ...createUser(user, now),
    ...createKey(keyRow(firstKey, user.id, "first key", now), now),
    ...sandbox(now),
  ]);
  return true;
}

/**
 * Makes the operator's key work: a service user with `super_admin` holds it. A key that exists already, revoked
 * ones included, is left as it is. Returns what to commit.
 */
export function administratorWrites(snapshot: Snapshot, key: string, now: number): Write[] {
  if (snapshot.keyByHash(sha256Hex(key))) return [];
  const user = serviceUser(homeTenant(snapshot), "Administrator key", "super_admin", now);
  return [...createUser(user, now), ...createKey(keyRow(key, user.id, "SCAIGRID_ADMIN_KEY", now), now)];
}

/**
 * The key with which the command line on this machine reaches the running process: in memory alone, for as long
 * as the process lives.
 */
export function operatorDeltas(snapshot: Snapshot, key: string, now: number): Delta[] {
  const user = serviceUser(homeTenant(snapshot), "Command line on this machine", "super_admin", now);
  const row = keyRow(key, user.id, "command line", now);
  return [
    { kind: "user", id: user.id, value: user },
    { kind: "api_key", id: row.id, value: row },
  ];
}

/** The tenant that installation-wide users belong to: the oldest. Throws on a store without any. */
function homeTenant(snapshot: Snapshot): string {
  const [oldest] = [...snapshot.tenants()].map((tenant) => tenant.id).sort();
  if (oldest === undefined) throw new Error("the store has no tenant");
  return oldest;
}

function sandbox(now: number): Write[] {
  const provider: Provider = {
    id: newId("prov", now),
    type: "sandbox",
    name: "Sandbox",
    status: "active",
    createdAt: now,
  };
  const backend: Backend = {
    id: newId("be", now),
    providerId: provider.id,
    uri: "sandbox:poolnoodle-omni",
    upstreamModel: "poolnoodle-omni",
    dialect: "openai-chat",
    capabilities: [],
    timeouts: { connect: 5_000, first_byte: 25_000, idle: 30_000, total: 600_000 },
    free: true,
    status: "active",
    createdAt: now,
  };
  const model: FrontendModel = {
    id: newId("model", now),
    slug: SANDBOX_SLUG,
    displayName: "Poolnoodle Omni",
    description: "Answers at once and without an account; for trying things out and for testing error handling.",
    modality: "chat",
    capabilities: ["tools", "vision", "json_schema", "streaming"],
    contextWindow: 256_000,
    maxOutputTokens: 32_768,
    defaultParams: {},
    free: false,
    status: "active",
    ownedBy: "sandbox",
    createdAt: now,
  };
  const policy: RoutingPolicy = {
    id: newId("route", now),
    modelId: model.id,
    strategy: "priority",
    targets: [{ backend_id: backend.id, priority: 1, weight: 100, enabled: true }],
    retry: { attempts: 3, same_backend: 1 },
    createdAt: now,
  };
  const { rates } = ratesFrom(SANDBOX_PRICES);
  if (!rates) throw new Error("the sandbox's prices are not well-formed");
  return [
    ...createProvider(provider, null, now),
    ...createBackend(backend, null, now),
    ...createModel(model, now),
    ...createPolicy(policy, now),
    ...createPriceVersion(
      { id: newId("price", now), subject: { kind: "model", id: model.id }, effectiveFrom: now, rates },
      now,
    ),
  ];
}
