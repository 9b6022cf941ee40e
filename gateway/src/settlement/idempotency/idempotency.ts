import type { Clock } from "../../base/clock.ts";
import { sha256Hex } from "../../base/crypto.ts";
import { ApiError } from "../../errors.ts";
import { StoreUnavailable, WriteConflict } from "../../store/errors.ts";
import {
  addClaim,
  CLAIM_LIFE_MS,
  dropClaim,
  dropOldClaims,
  endClaim,
  findClaim,
  hasOldClaims,
  type StoredClaim,
} from "../../store/idempotency/claims.ts";
import type { Reader } from "../../store/store.ts";
import type { Write } from "../../store/write.ts";
import { Claim } from "./claim.ts";

const KEY_CHARS = 255;
/** Claims of one commit when old ones go: a few milliseconds of the event loop. */
const CLAIMS_AT_ONCE = 200;
/** What could not be written when a call ended, and waits for the store. */
const LATE_MAX = 10_000;
/** One whose key is free again before it is looked at, and again and again. */
const TRIES = 3;

export interface IdempotencyOptions {
  readonly clock: Pick<Clock, "now">;
  readonly read: Reader;
  readonly commit: (writes: readonly Write[]) => Promise<void>;
  readonly nodeId: string;
  readonly seal: (plain: string, rowId: string) => string;
  readonly unseal: (sealed: string, rowId: string) => string;
}

/** A call that names a key. */
export interface KeyedCall {
  readonly userId: string;
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: string;
  readonly requestId: string;
}

/** The answer to the first call of a key. */
export interface Replay {
  /** Of the call it was the answer to. */
  readonly requestId: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The headers of an answer that is told again. */
export function replayHeaders({ requestId, contentType }: Replay): Readonly<Record<string, string>> {
  return {
    "content-type": contentType,
    "cache-control": "no-store",
    "idempotent-replayed": "true",
    "x-scaigrid-request-id": requestId,
  };
}

/** The key a call names. Throws ApiError VALIDATION_ERROR. */
export function idempotencyKey(headers: Headers): string | undefined {
  const key = headers.get("idempotency-key");
  if (key === null) return undefined;
  if (key !== "" && key.length <= KEY_CHARS) return key;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "header.idempotency-key", message: `must have from 1 to ${KEY_CHARS} characters` }],
  });
}

/** Sees to it that of the calls with one key one is made, and the others are told what came of it. */
export class Idempotency {
  readonly #options: IdempotencyOptions;
  #late: Write[] = [];

  constructor(options: IdempotencyOptions) {
    this.#options = options;
  }

  /**
   * The claim of the call that is to be made, or the answer to the one that was. Throws ApiError IDEMPOTENCY_CONFLICT,
   * DEPENDENCY_UNAVAILABLE.
   */
  async claim(call: KeyedCall): Promise<Claim | Replay> {
    const id = sha256Hex(JSON.stringify([call.userId, call.method, call.path, call.key]));
    const bodyHash = sha256Hex(call.body);
    try {
      for (let tries = 0; tries < TRIES; tries++) {
        if (await this.#take(id, bodyHash, call.requestId)) return this.#claim(id, call.requestId);
        const former = await findClaim(this.#options.read, id);
        if (former !== undefined) return this.#former(id, former, bodyHash);
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      throw new ApiError("DEPENDENCY_UNAVAILABLE", undefined, { retryAfterSeconds: 1 });
    }
    throw inFlight();
  }

  /** Writes what could not be written when its call ended. Rejects with StoreUnavailable. */
  async catchUp(): Promise<void> {
    while (this.#late.length > 0) {
      const batch = this.#late.slice(0, CLAIMS_AT_ONCE);
      await this.#options.commit(batch);
      this.#late.splice(0, batch.length);
    }
  }

  /** Forgets keys whose time is over. */
  async forget(): Promise<void> {
    const before = this.#options.clock.now() - CLAIM_LIFE_MS;
    while (await hasOldClaims(this.#options.read, before)) {
      await this.#options.commit([dropOldClaims(before, CLAIMS_AT_ONCE)]);
    }
  }

  async #take(id: string, bodyHash: string, requestId: string): Promise<boolean> {
    const { clock, commit, nodeId } = this.#options;
    try {
      await commit(addClaim({ id, bodyHash, requestId, nodeId, at: clock.now() }));
      return true;
    } catch (error) {
      if (error instanceof WriteConflict && error.kind === "taken") return false;
      throw error;
    }
  }

  #claim(id: string, requestId: string): Claim {
    return new Claim({
      end: (outcome) => this.#write(endClaim(id, requestId, outcome)),
      free: () => this.#write(dropClaim(id, requestId)),
      seal: (plain) => this.#options.seal(plain, id),
    });
  }

  #former(id: string, { bodyHash: asked, ...former }: StoredClaim, bodyHash: string): Replay {
    if (asked !== bodyHash) {
      throw new ApiError("IDEMPOTENCY_CONFLICT", "This Idempotency-Key was used with another body.", {
        hint: "Use a new key for a new request.",
      });
    }
    if (former.status === null) throw inFlight();
    const body = former.answer === null ? undefined : this.#open(former.answer, id);
    if (body === undefined || former.contentType === null) {
      throw new ApiError(
        "IDEMPOTENCY_CONFLICT",
        `This Idempotency-Key belongs to ${former.requestId}, whose answer is not kept.`,
        { hint: `GET /v1/requests/${former.requestId} tells what became of it.` },
      );
    }
    return { requestId: former.requestId, status: former.status, contentType: former.contentType, body };
  }

  /** Undefined when no key of this installation opens it any more. */
  #open(sealed: string, id: string): string | undefined {
    try {
      return this.#options.unseal(sealed, id);
    } catch {
      return undefined;
    }
  }

  async #write(write: Write): Promise<void> {
    try {
      await this.#options.commit([write]);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (this.#late.length < LATE_MAX) this.#late.push(write);
    }
  }
}

function inFlight(): ApiError {
  return new ApiError("IDEMPOTENCY_CONFLICT", "The first call with this Idempotency-Key is in flight.", {
    retryAfterSeconds: 1,
  });
}
