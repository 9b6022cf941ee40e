import { Attempts } from "../attempts.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Opened } from "../open.ts";
import type { Held } from "./08-hold.ts";

/** Stage 9 proves: an upstream has begun to answer, and nothing has gone down to the caller yet. */
export class Attempted {
  declare private readonly proof: never;
  readonly call: Call;
  readonly opened: Opened;
  /** Where a stream that breaks off may go on. */
  readonly attempts: Attempts;

  private constructor(held: Held, opened: Opened, attempts: Attempts) {
    this.call = held.call;
    this.opened = opened;
    this.attempts = attempts;
  }

  /** Throws FaultError (the last one) when no candidate answered; whatever the abort was when the call ended. */
  static of(held: Held, deps: InferenceDeps): Promise<Attempted> {
    const attempts = new Attempts(held, deps);
    return attempts.begin().then((opened) => new Attempted(held, opened, attempts));
  }
}
