import { seal, unseal } from "../../base/crypto.ts";
import { WriteConflict } from "../errors.ts";
import type { Store } from "../store.ts";
import { loadSetting } from "./reader.ts";
import { addSetting } from "./writer.ts";

const PROBE = "secret_key_probe";
const PLAIN = "scaigrid";

/** The database was sealed with another secret key. */
export class SecretKeyMismatch extends Error {
  constructor() {
    super(
      "the stored credentials were sealed with another secret key: put back the secret.key file that belongs to " +
        "this database, or set SCAIGRID_SECRET_KEY to its contents (nodes that share a store share the key)",
    );
    this.name = "SecretKeyMismatch";
  }
}

/**
 * Notices at start, not at the first call, that the database and the secret key do not belong together. The first
 * start leaves a sealed word in the settings, later ones open it. Throws SecretKeyMismatch, StoreUnavailable.
 */
export async function checkSecretKey(store: Store, key: Uint8Array): Promise<void> {
  let probe = await loadSetting(store.read, PROBE);
  if (probe === undefined) {
    try {
      await store.commit([addSetting(PROBE, seal(PLAIN, key, 1, PROBE))]);
      return;
    } catch (error) {
      // Another process was first: its word counts.
      if (!(error instanceof WriteConflict)) throw error;
      probe = await loadSetting(store.read, PROBE);
    }
  }
  let opened: string | undefined;
  try {
    opened = unseal(probe ?? "", () => key, PROBE);
  } catch (error) {
    throw Object.assign(new SecretKeyMismatch(), { cause: error });
  }
  if (opened !== PLAIN) throw new SecretKeyMismatch();
}
