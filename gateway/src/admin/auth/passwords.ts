import { availableParallelism } from "node:os";
import { randomBase62 } from "../../base/crypto.ts";
import { ApiError } from "../../errors.ts";

/** OWASP's second argon2id profile: 19 MiB, two passes. 21 ms and 19 MiB each. */
const PARAMETERS = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
/** Hashes that wait for their turn; more are told to come back. */
const WAITING_MAX = 32;
const RETRY_AFTER_SECONDS = 2;

/** Password hashing within bounds: the threads it runs on also serve DNS and files, so one of them stays free. */
export class Passwords {
  readonly #atOnce = Math.max(1, availableParallelism() - 1);
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Verified against for unknown addresses, so that they take as long as known ones. */
  #decoy: Promise<string> | undefined;

  /** The PHC string of a password. Rejects with ApiError RATE_LIMITED when too many are waiting. */
  hash(password: string): Promise<string> {
    return this.#inTurn(() => Bun.password.hash(password, PARAMETERS));
  }

  /** Whether the password is the one of the hash; for no hash the work is done all the same. */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    this.#decoy ??= Bun.password.hash(randomBase62(32), PARAMETERS);
    const against = hash ?? (await this.#decoy);
    const right = await this.#inTurn(() => Bun.password.verify(password, against));
    return right && hash !== undefined;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) await this.#turn();
    else this.#running++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  /** The place of whoever ends passes to the one who has waited longest. */
  #turn(): Promise<void> {
    if (this.#waiting.length >= WAITING_MAX) {
      throw new ApiError("RATE_LIMITED", "Too many people are signing in at this moment.", {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        hint: "Try again in a moment.",
      });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
