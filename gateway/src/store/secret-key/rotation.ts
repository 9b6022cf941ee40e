import type { Clock } from "../../base/clock.ts";
import { randomSecretKey } from "../../base/crypto.ts";
import { changed } from "../changes/writer.ts";
import { WriteConflict } from "../errors.ts";
import { addSetting, removeSetting } from "../settings/writer.ts";
import type { Store } from "../store.ts";
import type { Write } from "../write.ts";
import { replaceKeys, type SecretKeys } from "./key-file.ts";
import { type KeyRing, NEXT_PROBE, PROBE, probeOf } from "./key-ring.ts";
import { otherVersions, reseal, retire } from "./sealed-rows.ts";

/** Secrets of one commit: a millisecond of the event loop. */
const STEP_ROWS = 20;
/** Milliseconds between two steps, which belong to everybody else. */
const PAUSE_MS = 5;

/** There is no key to rotate to. */
export class NothingToRotate extends Error {
  /** What to do. */
  readonly todo: string;

  constructor(message: string, present: string) {
    super(message);
    this.name = "NothingToRotate";
    this.todo =
      "Start each node with SCAIGRID_SECRET_KEY set to a new key (`openssl rand -hex 32`) and " +
      `SCAIGRID_SECRET_KEY_PREVIOUS set to ${present}, then rotate again.`;
  }
}

/** How far a rotation has come. */
export interface Rotated {
  /** Secrets sealed anew by this call. */
  readonly resealed: number;
  /** Whether all are, and the former key is retired. */
  readonly complete: boolean;
}

export interface RotationDeps {
  readonly store: Store;
  readonly ring: KeyRing;
  readonly secret: Pick<SecretKeys, "keys" | "file">;
  readonly clock: Clock;
}

/**
 * The way from one secret key to the next, while the gateway serves. It begins with a commit that names the new
 * version, seals every secret anew in small steps, and ends with a commit that retires the former version. Both keys
 * open secrets in between, whoever dies: the next start, or another node, goes on.
 */
export class Rotation {
  readonly #deps: RotationDeps;
  #running: Promise<Rotated> | undefined;

  constructor(deps: RotationDeps) {
    this.#deps = deps;
  }

  /** The version that secrets are sealed with. */
  get version(): number {
    return this.#deps.ring.version;
  }

  /** Learns of what another node has begun or ended. Rejects with StoreUnavailable. */
  refresh(): Promise<void> {
    return this.#deps.ring.refresh(this.#deps.store.control);
  }

  /** What begins a rotation; nothing while one is under way. Rejects with NothingToRotate, StoreUnavailable. */
  async begin(): Promise<readonly Write[]> {
    const { store, ring, secret, clock } = this.#deps;
    await this.refresh();
    if (ring.turning) return [];
    if (secret.file !== undefined && store.engine === "postgres") {
      throw new NothingToRotate(
        "Nodes that share a database share the secret key, so none of them can make a new one.",
        "what is in secret.key",
      );
    }
    // A key that is there already was made by a rotation that could not begin.
    const next = secret.file === undefined ? secret.keys[0] : (ring.other ?? randomSecretKey());
    if (Buffer.from(next).equals(ring.key)) {
      // As long as it has the former one it is where a rotation has come to, and whoever asks twice is told so.
      if (ring.other !== undefined) return [];
      throw new NothingToRotate("Everything is sealed with SCAIGRID_SECRET_KEY already.", "the present one");
    }
    if (secret.file !== undefined && ring.other === undefined) {
      // In the file before the store speaks of it: no start must find a version that it has no key for.
      replaceKeys(secret.file, [next, ring.key]);
      ring.expect(next);
    }
    return [
      changed("setting", NEXT_PROBE, clock.now()),
      addSetting(NEXT_PROBE, probeOf(next, ring.version + 1)),
    ];
  }

  /** Goes on with what a process that has died began, or with secrets that a slower node has sealed the old way. */
  async goOn(ms: number): Promise<void> {
    if (this.#deps.ring.other !== undefined) await this.run(ms);
  }

  /**
   * Seals anew what is sealed with another version, and retires the former one, for at most `ms` milliseconds. Safe to
   * call at any time: it joins the call that is at work. Rejects with SecretKeyMismatch, StoreUnavailable.
   */
  run(ms: number): Promise<Rotated> {
    this.#running ??= this.#run(this.#deps.clock.monotonic() + ms).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(endMs: number): Promise<Rotated> {
    const { store, ring, secret, clock } = this.#deps;
    let resealed = 0;
    for (;;) {
      const rows = await otherVersions(store.control, ring.version, STEP_ROWS);
      if (rows.length > 0) {
        await store.commit(
          rows.map((row) => reseal(row, ring.seal(ring.unseal(row.sealed, row.id), row.id))),
        );
        resealed += rows.length;
      } else if (!ring.turning || (await this.#retired())) {
        break;
      }
      if (clock.monotonic() > endMs) return { resealed, complete: false };
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    if (secret.file !== undefined && ring.other !== undefined) {
      replaceKeys(secret.file, [ring.key]);
      ring.forgetOthers();
    }
    return { resealed, complete: true };
  }

  /** False when a secret of the former version has come in the meantime, or another node has been first. */
  async #retired(): Promise<boolean> {
    const { store, ring, clock } = this.#deps;
    const { present, next } = ring.probes;
    if (next === undefined) return true;
    try {
      await store.commit([
        changed("setting", PROBE, clock.now()),
        retire(PROBE, present, next, ring.version),
        removeSetting(NEXT_PROBE),
      ]);
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
      await ring.refresh(store.control);
      return false;
    }
    await ring.refresh(store.control);
    return true;
  }
}
