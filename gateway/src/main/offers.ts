import { systemClock as clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import { readVariables } from "../config/env.ts";
import { keysIn, ollamaAddress, VENDOR_VARIABLES } from "../config/found.ts";
import { offerKeys } from "../jobs/offers/keys.ts";
import type { OfferDeps } from "../jobs/offers/offers.ts";
import { offerOllama } from "../jobs/offers/ollama.ts";
import type { Write } from "../store/write.ts";
import type { Store } from "../store/store.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { PriceCatalogue } from "../providers/price-catalogue.ts";
import type { Logger } from "../telemetry/logs.ts";
import type { Upstream } from "../upstream/upstream.ts";

/**
 * Whether what is found is added: not where a database is shared, whose other nodes may have other environments.
 */
function isOn({ detect, database }: Config): boolean {
  return detect && database === undefined;
}

interface KeyParts {
  readonly config: Config;
  readonly store: Store;
  readonly snapshot: Snapshot;
  readonly seal: OfferDeps["seal"];
  readonly log: Logger;
}

interface KeysOffered {
  /** A line for people about each vendor that was added. */
  readonly lines: readonly string[];
  /** Whether the store has changed. */
  readonly committed: boolean;
}

/**
 * Adds the vendors whose keys are in the environment, unless detection is off. The snapshot does not know of them
 * afterwards: loading it again costs less than a change for each.
 */
export async function offerFoundKeys({ config, store, snapshot, seal, log }: KeyParts): Promise<KeysOffered> {
  const keys = isOn(config) ? keysIn(readVariables(VENDOR_VARIABLES)) : [];
  if (keys.length === 0) return { lines: [], committed: false };
  let committed = false;
  const apply = async (writes: readonly Write[]): Promise<void> => {
    await store.commit(writes);
    committed = true;
  };
  try {
    const deps = { clock, snapshot, read: store.read, commit: apply, seal };
    const lines = await offerKeys(keys, await PriceCatalogue.shipped(), config.currency, deps, log);
    return { lines, committed };
  } catch (error) {
    // What it would have added can be added by hand; what is there must not wait for it.
    log.log("error", "offers_failed", { reason: String(error) });
    return { lines: [], committed };
  }
}

interface ServerParts {
  readonly config: Config;
  readonly upstream: Upstream;
  readonly deps: OfferDeps;
  readonly log: Logger;
}

/** What looks for model servers nearby, unless detection is off. It takes a while: for the background. */
export function serverSearch({ config, upstream, deps, log }: ServerParts) {
  return async (controller: AbortController): Promise<void> => {
    const address = isOn(config) ? ollamaAddress(readVariables(VENDOR_VARIABLES)) : undefined;
    if (address !== undefined) await offerOllama(address, upstream, deps, log, controller);
  };
}
