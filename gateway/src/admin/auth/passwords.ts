import { availableParallelism } from "node:os";
import { randomBase62 } from "../../base/crypto.ts";
import { Turns } from "../../base/turns.ts";
import { ApiError } from "../../errors.ts";

/** OWASP's second argon2id profile: 19 MiB, two passes. 21 ms and 19 MiB each. */
const PARAMETERS = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
/** Hashes that wait for their turn; more are told to come back. */
const WAITING_MAX = 32;
/** Claims that wait for the one before them: as many as one address may try in a minute. */
const CLAIMS_WAITING_MAX = 200;
const RETRY_AFTER_SECONDS = 2;

/** Password hashing within bounds: the threads it runs on also serve DNS and files, so one of them stays free. */
export class Passwords {
  readonly #hashes = new Turns({
    atOnce: Math.max(1, availableParallelism() - 1),
    waitingMax: WAITING_MAX,
    full: tooMany,
  });
  readonly #claims = new Turns({ atOnce: 1, waitingMax: CLAIMS_WAITING_MAX, full: tooMany });
  /** Verified against for unknown addresses, so that they take as long as known ones. */
  #decoy: Promise<string> | undefined;

  /** The PHC string of a password. Rejects with ApiError RATE_LIMITED when too many are waiting. */
  hash(password: string): Promise<string> {
    return this.#hashes.take(() => Bun.password.hash(password, PARAMETERS));
  }

  /** Whether the password is the one of the hash; for no hash the work is done all the same. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    this.#decoy ??= Bun.password.hash(randomBase62(32), PARAMETERS);
    const against = hash ?? (await this.#decoy);
    const right = await this.#hashes.take(() => Bun.password.verify(password, against));
    return right && hash !== undefined;
  }

  /**
   * Lets one claim at a time hash its password: once one has won, those behind it find their link used without the
   * cost of a hash each. Rejects with ApiError RATE_LIMITED when too many are waiting.
   */
  claim<T>(work: () => Promise<T>): Promise<T> {
    return this.#claims.take(work);
  }
}

function tooMany(): ApiError {
  return new ApiError("RATE_LIMITED", "Too many people are signing in at this moment.", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    hint: "Try again in a moment.",
  });
}
