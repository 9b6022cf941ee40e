import type { Config } from "../config/config.ts";
import { referenceReader } from "../config/references.ts";
import { ControlPlane } from "../snapshot/control-plane.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logs.ts";
import { sealer } from "./management.ts";
import { offerFoundKeys } from "./offers.ts";

/** The control plane, with the providers that this start has found and added. */
export async function loadPlane(
  config: Config,
  store: Store,
  secretKey: Uint8Array,
  log: Logger,
): Promise<{ readonly plane: ControlPlane; readonly found: readonly string[] }> {
  const secrets = { keyOf: () => secretKey, readReference: referenceReader(config.dataDir) };
  const plane = await ControlPlane.load(store.control, secrets);
  const { snapshot } = plane;
  const seal = sealer(secretKey);
  const { lines, committed } = await offerFoundKeys({ config, store, snapshot, seal, log });
  reportLostKeys(plane, log);
  return { plane: committed ? await ControlPlane.load(store.control, secrets) : plane, found: lines };
}

/** Says which providers cannot be called because their key is not where it is said to be. */
function reportLostKeys({ snapshot }: ControlPlane, log: Logger): void {
  for (const { id, name } of snapshot.providers()) {
    const { apiKey, reference } = snapshot.providerCredentials(id);
    if (reference === undefined || apiKey !== undefined) continue;
    const hint = "put the key back and start again; until then its models are unavailable";
    log.log("warn", "key_not_found", { provider_id: id, reason: `${name}: ${reference} holds no key`, hint });
  }
}
