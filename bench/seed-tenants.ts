import { systemClock } from "../gateway/src/base/clock.ts";
import { newId } from "../gateway/src/base/ids.ts";
import type { Tenant } from "../gateway/src/core/tenancy.ts";
import { createKey } from "../gateway/src/store/keys/writer.ts";
import type { Store } from "../gateway/src/store/store.ts";
import { loadPartners } from "../gateway/src/store/tenancy/reader.ts";
import { createTenant, createUser } from "../gateway/src/store/tenancy/writer.ts";
import { mintTestKey } from "../gateway/test/harness/keys.ts";
import { insertKeys, row, user, withStore } from "./seed-keys.ts";

const KEYS_PER_TENANT = 8;
const TENANTS_PER_COMMIT = 100;

/** What an installation is made of. */
export interface Installation {
  readonly tenants: number;
  readonly keys: number;
}

export interface SeededTenants {
  /** The tenant that holds what is left of the keys once every other has its few. */
  readonly bigTenantId: string;
  readonly keysOfBigTenant: readonly string[];
}

/** Fills a stopped gateway's data folder: many tenants with one user and a few keys, and a big one with the rest. */
export function seedTenants(dataDir: string, { tenants, keys }: Installation): Promise<SeededTenants> {
  return withStore(dataDir, async (store) => {
    const [partner] = await loadPartners(store.read);
    if (!partner) throw new Error("there is no partner to give tenants to");
    const big = tenant(partner.id, 0);
    await store.commit(createTenant(big, systemClock.now()));
    for (let from = 1; from < tenants; from += TENANTS_PER_COMMIT) {
      const count = Math.min(TENANTS_PER_COMMIT, tenants - from);
      await insertTenants(
        store,
        Array.from({ length: count }, (_, n) => tenant(partner.id, from + n)),
      );
    }
    const left = Math.max(0, keys - (tenants - 1) * KEYS_PER_TENANT);
    const keysOfBigTenant = Array.from({ length: left }, mintTestKey);
    await insertKeys(store, big.id, keysOfBigTenant);
    return { bigTenantId: big.id, keysOfBigTenant };
  });
}

async function insertTenants(store: Store, tenants: readonly Tenant[]): Promise<void> {
  const now = systemClock.now();
  const writes = tenants.flatMap((each) => {
    const owner = user(each.id, now);
    const keys = Array.from({ length: KEYS_PER_TENANT }, () => row(mintTestKey(), owner.id, now));
    return [
      ...createTenant(each, now),
      ...createUser(owner, now),
      ...keys.flatMap((key) => createKey(key, now)),
    ];
  });
  await store.commit(writes);
}

function tenant(partnerId: string, number: number): Tenant {
  return {
    id: newId("tenant", systemClock.now()),
    partnerId,
    slug: `bench-${number}`,
    displayName: `Benchmark ${number}`,
    status: "active",
    timeZone: "UTC",
    settings: {},
  };
}
