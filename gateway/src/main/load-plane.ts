import type { Config } from "../config/config.ts";
import { referenceReader } from "../config/references.ts";
import { ControlPlane, type Secrets } from "../snapshot/control-plane.ts";
import { type KeyRing, SecretKeyMismatch } from "../store/secret-key/key-ring.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logs.ts";
import { offerFoundKeys } from "./offers.ts";

/** The control plane, with the providers that this start has found and added. */
export async function loadPlane(
  config: Config,
  store: Store,
  ring: KeyRing,
  log: Logger,
): Promise<{ readonly plane: ControlPlane; readonly found: readonly string[] }> {
  const secrets = secretsOf(config, store, ring, log);
  const plane = await ControlPlane.load(store.control, secrets);
  const { snapshot } = plane;
  const seal = (plain: string, rowId: string) => ring.seal(plain, rowId);
  const { lines, committed } = await offerFoundKeys({ config, store, snapshot, seal, log });
  reportLostKeys(plane, log);
  return { plane: committed ? await ControlPlane.load(store.control, secrets) : plane, found: lines };
}

function secretsOf(config: Config, store: Store, ring: KeyRing, log: Logger): Secrets {
  const locked = (id: string, error: unknown): void => {
    const hint =
      "start this node with SCAIGRID_SECRET_KEY and SCAIGRID_SECRET_KEY_PREVIOUS as the others have them";
    log.log("error", "secret_key_missing", { resource_id: id, reason: String(error), hint });
  };
  return {
    unseal: (sealed, rowId) => ring.unseal(sealed, rowId),
    async settingsChanged() {
      try {
        await ring.refresh(store.control);
      } catch (error) {
        if (!(error instanceof SecretKeyMismatch)) throw error;
        locked("secret_key", error);
      }
    },
    onLocked: locked,
    readReference: referenceReader(config.dataDir),
  };
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
