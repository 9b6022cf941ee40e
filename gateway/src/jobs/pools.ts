import { vendorOf } from "../providers/catalogue.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { PoolMember, PoolUpstream } from "../upstream/pool/pool-upstream.ts";

/** Looks at the nodes of every pool in use, by the free list of models, so that one that is back gets calls again. */
export async function lookAtPools(pools: Pick<PoolUpstream, "look">, snapshot: Snapshot): Promise<void> {
  const members: PoolMember[] = [];
  for (const provider of snapshot.providers()) {
    const vendor = vendorOf(provider);
    if (vendor?.transport !== "pool" || provider.status !== "active") continue;
    const credentials = snapshot.providerCredentials(provider.id);
    members.push({ provider, credentials, path: vendor.listModelsPath });
  }
  await pools.look(members);
}
