import { type ApplyDeps, applyFile } from "../admin/config-file/apply.ts";
import { releaseWrites } from "../admin/config-file/release.ts";
import { ConfigFile, type OpenedFile } from "../admin/config-file/config-file.ts";
import { systemClock as clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import { referenceReader } from "../config/references.ts";
import { isFound } from "../core/catalogue.ts";
import { ControlPlane, type Secrets } from "../snapshot/control-plane.ts";
import { type KeyRing, SecretKeyMismatch } from "../store/secret-key/key-ring.ts";
import type { Store } from "../store/store.ts";
import type { Logger } from "../telemetry/logs.ts";
import { offerFoundKeys } from "./offers.ts";

/** The control plane, and what a start has found. */
export interface LoadedPlane {
  readonly plane: ControlPlane;
  /** A line for people about each provider that was added. */
  readonly found: readonly string[];
  readonly configFile?: ConfigFile;
}

/** The control plane, as the configuration file says, with the providers that this start has found and added. */
export async function loadPlane(
  config: Config,
  store: Store,
  ring: KeyRing,
  log: Logger,
  file: OpenedFile | undefined,
): Promise<LoadedPlane> {
  const secrets = secretsOf(config, store, ring, log);
  const plane = await ControlPlane.load(store, secrets);
  const { snapshot } = plane;
  const seal = (plain: string, rowId: string) => ring.seal(plain, rowId);
  if (!file && store.engine === "sqlite") await releaseDeclared(store, plane, log);
  const changed = file ? await applyFile(file.path, file.checked, applyDeps(config, store, plane, seal)) : [];
  const { lines, committed } = await offerFoundKeys({ config, store, snapshot, seal, log });
  reportLostKeys(plane, log);
  reportUnreadablePrices(plane, log);
  const loaded = committed ? await ControlPlane.load(store, secrets) : plane;
  if (!file) return { plane: loaded, found: lines };
  log.log("info", "config_file_applied", { file: file.path, count: changed.length });
  const configFile = new ConfigFile(file, applyDeps(config, store, loaded, seal), log);
  return { plane: loaded, found: lines, configFile };
}

/** Without the file, what it has declared is the store's: nobody could change it otherwise. */
async function releaseDeclared(store: Store, plane: ControlPlane, log: Logger): Promise<void> {
  const writes = releaseWrites(plane.snapshot, clock.now());
  if (writes.length === 0) return;
  await store.commit(writes);
  await plane.catchUp();
  log.log("warn", "config_file_gone", { hint: "what it declared can be changed over the API from now on" });
}

function applyDeps(config: Config, store: Store, plane: ControlPlane, seal: ApplyDeps["seal"]): ApplyDeps {
  return {
    clock,
    config,
    snapshot: plane.snapshot,
    seal,
    readReference: referenceReader(config.dataDir),
    commit: (writes, conclude) => store.commit(writes, conclude),
    catchUp: () => plane.catchUp(),
  };
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
    const credentials = snapshot.providerCredentials(id);
    if (isFound(credentials)) continue;
    const { reference } = credentials;
    const hint = "put the key back and start again; until then its models are unavailable";
    log.log("warn", "key_not_found", { provider_id: id, reason: `${name}: ${reference} holds no key`, hint });
  }
}

/** One row that somebody has spoilt must not keep everything else from being served. */
function reportUnreadablePrices({ snapshot }: ControlPlane, log: Logger): void {
  const hint = "set the price anew: until then what it priced is refused as not priced";
  for (const id of snapshot.prices.unreadable)
    log.log("error", "price_unreadable", { resource_id: id, hint });
}
