import { seal, unseal } from "../../base/crypto.ts";
import { WriteConflict } from "../errors.ts";
import { loadSetting } from "../settings/reader.ts";
import { addSetting } from "../settings/writer.ts";
import type { Reader, Store } from "../store.ts";
import type { SecretKeys } from "./key-file.ts";

/** A word sealed with the key in force, and during a rotation one sealed with the next: they tell which is which. */
export const PROBE = "secret_key_probe";
export const NEXT_PROBE = "secret_key_probe_next";
const PLAIN = "scaigrid";

/** The database was sealed with another secret key. */
export class SecretKeyMismatch extends Error {
  constructor() {
    super(
      "the stored credentials were sealed with another secret key: put back the secret.key file that belongs to " +
        "this database, or set SCAIGRID_SECRET_KEY to its contents (nodes that share a store share the key). While a " +
        "rotation is under way both keys are needed: SCAIGRID_SECRET_KEY_PREVIOUS is the former one",
    );
    this.name = "SecretKeyMismatch";
  }
}

/** What new secrets are sealed with. */
interface Sealing {
  readonly key: Uint8Array;
  readonly version: number;
  /** Whether a rotation to it is under way. */
  readonly turning: boolean;
  /** The probes it was read from. */
  readonly probes: { readonly present: string; readonly next: string | undefined };
}

/** The word that tells which key has this version. */
export function probeOf(key: Uint8Array, version: number): string {
  return seal(PLAIN, key, version, PROBE);
}

/**
 * The secret keys of this process and the version the store's secrets are to have. The store says which key that is;
 * each node reads it again when the change log tells of it.
 */
export class KeyRing {
  #keys: readonly Uint8Array[];
  #sealing: Sealing;

  private constructor(keys: readonly Uint8Array[], sealing: Sealing) {
    this.#keys = keys;
    this.#sealing = sealing;
  }

  /**
   * Notices at start, not at the first call, that the database and the keys do not belong together: the first start
   * leaves a sealed word in the settings, later ones open it. Throws SecretKeyMismatch, StoreUnavailable.
   */
  static async open(store: Store, { keys }: Pick<SecretKeys, "keys">): Promise<KeyRing> {
    if ((await loadSetting(store.read, PROBE)) === undefined) {
      try {
        await store.commit([addSetting(PROBE, probeOf(keys[0], 1))]);
      } catch (error) {
        // Another process was first: its word counts.
        if (!(error instanceof WriteConflict)) throw error;
      }
    }
    return new KeyRing(keys, await sealingOf(store.read, keys));
  }

  get key(): Uint8Array {
    return this.#sealing.key;
  }
  get version(): number {
    return this.#sealing.version;
  }
  /** Whether secrets of the former version are being sealed anew. */
  get turning(): boolean {
    return this.#sealing.turning;
  }
  get probes(): Sealing["probes"] {
    return this.#sealing.probes;
  }
  /** A key beside the one in force: the former one, or one to rotate to. */
  get other(): Uint8Array | undefined {
    const { key } = this.#sealing;
    return this.#keys.find((each) => !Buffer.from(each).equals(key));
  }

  /** Seals a secret for one row. */
  seal(plain: string, rowId: string): string {
    return seal(plain, this.#sealing.key, this.#sealing.version, rowId);
  }

  /** Opens a secret of that row, whichever of the keys sealed it. Throws SecretKeyMismatch. */
  unseal(sealed: string, rowId: string): string {
    let cause: unknown;
    // A version is a number of the store's; that a key opens a text is proof that it is the right one.
    for (const key of [this.#sealing.key, ...this.#keys]) {
      try {
        return unseal(sealed, () => key, rowId);
      } catch (error) {
        cause = error;
      }
    }
    throw Object.assign(new SecretKeyMismatch(), { cause });
  }

  /** Takes one more key, to rotate to. */
  expect(key: Uint8Array): void {
    this.#keys = [key, ...this.#keys];
  }

  /** Forgets every key but the one in force. */
  forgetOthers(): void {
    this.#keys = [this.#sealing.key];
  }

  /** Reads again which key is in force. Throws SecretKeyMismatch when it is none of these, and goes on as before. */
  async refresh(read: Reader): Promise<void> {
    this.#sealing = await sealingOf(read, this.#keys);
  }
}

async function sealingOf(read: Reader, keys: readonly Uint8Array[]): Promise<Sealing> {
  // The next one first: a rotation that ends in between has made it the present one.
  const next = await loadSetting(read, NEXT_PROBE);
  const present = (await loadSetting(read, PROBE)) ?? "";
  const former = keyOf(present, keys);
  const key = next === undefined ? former : keyOf(next, keys);
  const version = Number(/^v(\d+)\./.exec(next ?? present)?.[1]);
  return { key, version, turning: next !== undefined && next !== present, probes: { present, next } };
}

function keyOf(probe: string, keys: readonly Uint8Array[]): Uint8Array {
  const found = keys.find((key) => opensProbe(key, probe));
  if (found === undefined) throw new SecretKeyMismatch();
  return found;
}

/** Whether a word that tells of a key was sealed with this one. */
export function opensProbe(key: Uint8Array, probe: string): boolean {
  try {
    return unseal(probe, () => key, PROBE) === PLAIN;
  } catch {
    return false;
  }
}
