import type { Door } from "../../inference/door.ts";

/** What headers of an answer are made of. */
export interface DressFacts {
  readonly requestId: string;
  /** Milliseconds from arrival to the answer's headers. */
  readonly elapsedMs: number;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** A door as HTTP sees it: for requests that never reach the pipeline as well. */
export interface HttpDoor extends Door {
  /** Adds the headers that callers of this door look for, to answers and refusals alike. */
  dress?(headers: Headers, facts: DressFacts): void;
}
