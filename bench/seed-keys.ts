import { keyLast4, keyPrefix } from "../gateway/src/access/key-format.ts";
import { systemClock } from "../gateway/src/base/clock.ts";
import { sha256Hex } from "../gateway/src/base/crypto.ts";
import { newId } from "../gateway/src/base/ids.ts";
import type { ApiKey, User } from "../gateway/src/core/tenancy.ts";
import { openDataFolder } from "../gateway/src/store/data-folder.ts";
import { createKey } from "../gateway/src/store/keys/writer.ts";
import { openSqliteStore } from "../gateway/src/store/sqlite/open.ts";
import type { Store } from "../gateway/src/store/store.ts";
import { loadTenants } from "../gateway/src/store/tenancy/reader.ts";
import { createUser } from "../gateway/src/store/tenancy/writer.ts";
import { mintTestKey } from "../gateway/test/harness/keys.ts";
import { WORKERS } from "../gateway/test/store/worker-files.ts";

const KEYS_PER_USER = 10;
const USERS_PER_COMMIT = 100;

/**
 * Gives a stopped gateway's data folder so many more API keys, ten to a user, with the writers the gateway itself
 * uses: over its API every one of them would be a request and a commit of its own. Returns the keys.
 */
export async function seedKeys(dataDir: string, count: number): Promise<readonly string[]> {
  return withStore(dataDir, async (store) => {
    const keys = Array.from({ length: count }, mintTestKey);
    const [tenant] = await loadTenants(store.read);
    if (!tenant) throw new Error("there is no tenant to give keys to");
    await insertKeys(store, tenant.id, keys);
    return keys;
  });
}

/** Opens the store of a stopped gateway for as long as `work` takes. */
export async function withStore<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const folder = openDataFolder(dataDir);
  const { store } = await openSqliteStore({
    folder: dataDir,
    clock: systemClock,
    workers: WORKERS,
    onFailure: (message) => console.error(message),
  });
  try {
    return await work(store);
  } finally {
    await store.close();
    folder.release();
  }
}

/** Gives a tenant so many users that each holds ten of these keys. */
export async function insertKeys(store: Store, tenantId: string, keys: readonly string[]): Promise<void> {
  const now = systemClock.now();
  const step = KEYS_PER_USER * USERS_PER_COMMIT;
  for (let from = 0; from < keys.length; from += step) {
    const batch = keys.slice(from, from + step);
    const users = Array.from({ length: Math.ceil(batch.length / KEYS_PER_USER) }, () => user(tenantId, now));
    const rows = batch.map((key, i) => row(key, users[Math.floor(i / KEYS_PER_USER)]?.id ?? "", now));
    await store.commit([
      ...users.flatMap((each) => createUser(each, now)),
      ...rows.flatMap((each) => createKey(each, now)),
    ]);
  }
}

export function user(tenantId: string, now: number): User {
  return {
    id: newId("user", now),
    tenantId,
    displayName: "Benchmark",
    kind: "service",
    status: "active",
    roles: ["tenant_user"],
  };
}

export function row(key: string, userId: string, now: number): ApiKey {
  return {
    id: newId("apikey", now),
    userId,
    name: "benchmark",
    hash: sha256Hex(key),
    prefix: keyPrefix(key),
    last4: keyLast4(key),
    status: "active",
    createdAt: now,
  };
}
