import { keyLast4, keyPrefix } from "../access/key-format.ts";
import { sha256Hex } from "../base/crypto.ts";
import { newId } from "../base/ids.ts";
import type { Role } from "../core/permissions.ts";
import type { ApiKey, Partner, Tenant, User } from "../core/tenancy.ts";
import { createKey } from "../store/keys/writer.ts";
import { loadSetting } from "../store/settings/reader.ts";
import { addSetting } from "../store/settings/writer.ts";
import type { Delta, Snapshot } from "../snapshot/snapshot.ts";
import { WriteConflict } from "../store/errors.ts";
import type { Store } from "../store/store.ts";
import { createPartner, createTenant, createUser } from "../store/tenancy/writer.ts";
import type { Write } from "../store/write.ts";
import { sandboxWrites } from "./sandbox-catalogue.ts";

const INSTALLED_AT = "installed_at";
const FIRST_KEY_AT = "first_key_at";
const TIME_ZONE = "UTC";

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

/** Whether the commit was made; false when another node that starts at the same time was first. */
export async function unlessTaken(commit: Promise<void>): Promise<boolean> {
  try {
    await commit;
    return true;
  } catch (error) {
    if (error instanceof WriteConflict && error.kind === "taken") return false;
    throw error;
  }
}

/**
 * Makes a new installation, in one commit: partner `internal`, tenant `default` and the sandbox model. Does nothing
 * on one that is there. Rejects with StoreUnavailable.
 */
export async function firstStart(store: Store, now: number): Promise<void> {
  if ((await loadSetting(store.read, INSTALLED_AT)) !== undefined) return;
  const partner: Partner = {
    id: newId("partner", now),
    slug: "internal",
    displayName: "Internal",
    status: "active",
    timeZone: TIME_ZONE,
    settings: {},
  };
  const tenant: Tenant = {
    id: newId("tenant", now),
    partnerId: partner.id,
    slug: "default",
    displayName: "Default",
    status: "active",
    timeZone: TIME_ZONE,
    settings: {},
  };
  await unlessTaken(
    store.commit([
      addSetting(INSTALLED_AT, String(now)),
      ...createPartner(partner, now),
      ...createTenant(tenant, now),
      ...sandboxWrites(now),
    ]),
  );
}

/**
 * Gives `key` to a service user for a first application, once in the life of an installation. Call it when nothing
 * can keep the key from being shown any more: it is not stored, so a start that failed in between would lose it.
 * Returns whether the key was given. Rejects with StoreUnavailable.
 */
export async function giveFirstKey(
  store: Store,
  snapshot: Snapshot,
  key: string,
  now: number,
): Promise<boolean> {
  if ((await loadSetting(store.read, FIRST_KEY_AT)) !== undefined) return false;
  const user = serviceUser(snapshot.homeTenantId(), "First application", "tenant_admin", now);
  return await unlessTaken(
    store.commit([
      addSetting(FIRST_KEY_AT, String(now)),
      ...createUser(user, now),
      ...createKey(keyRow(key, user.id, "first key", now), now),
    ]),
  );
}

/**
 * Makes the operator's key work: a service user with `super_admin` holds it. A key that exists already, revoked
 * ones included, is left as it is. Returns what to commit.
 */
export function administratorWrites(snapshot: Snapshot, key: string, now: number): Write[] {
  if (snapshot.keyByHash(sha256Hex(key))) return [];
  const user = serviceUser(snapshot.homeTenantId(), "Administrator key", "super_admin", now);
  return [...createUser(user, now), ...createKey(keyRow(key, user.id, "SCAIGRID_ADMIN_KEY", now), now)];
}

/**
 * The key with which the command line on this machine reaches the running process: in memory alone, for as long
 * as the process lives.
 */
export function operatorDeltas(snapshot: Snapshot, key: string, now: number): Delta[] {
  const user = serviceUser(snapshot.homeTenantId(), "Command line on this machine", "super_admin", now);
  const row = keyRow(key, user.id, "command line", now);
  return [
    { kind: "user", id: user.id, value: user },
    { kind: "api_key", id: row.id, value: row },
  ];
}
