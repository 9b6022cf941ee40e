import type { Outcome } from "../../store/idempotency/claims.ts";

/** Bytes of an answer that is kept to be told again. */
const ANSWER_BYTES_MAX = 1 << 20;

export interface ClaimOptions {
  readonly end: (outcome: Outcome) => Promise<void>;
  readonly free: () => Promise<void>;
  readonly seal: (plain: string) => string;
}

/** A key that the call in hand has. Whatever becomes of the call is told here once. */
export class Claim {
  readonly #options: ClaimOptions;
  #isOver = false;

  constructor(options: ClaimOptions) {
    this.#options = options;
  }

  /**
   * Keeps an answer that would be the same another time, frees the key after another. Gives back the answer. One that
   * is streamed is concluded by its end.
   */
  async conclude(response: Response): Promise<Response> {
    const contentType = response.headers.get("content-type") ?? "";
    if (this.#isOver || contentType.startsWith("text/event-stream")) return response;
    this.#isOver = true;
    const { status, headers } = response;
    if (!isLasting(status)) {
      await this.#options.free();
      return response;
    }
    const text = await response.text();
    const isKept = text.length <= ANSWER_BYTES_MAX;
    await this.#options.end({
      status,
      ...(isKept && { contentType, answer: this.#options.seal(text) }),
    });
    return new Response(text, { status, headers });
  }

  /** The stream is over: the key of one that has delivered anything is used up, without an answer to tell again. */
  async streamEnded(delivered: boolean): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    if (delivered) await this.#options.end({ status: 200 });
    else await this.#options.free();
  }

  /** Nothing has come of the call. */
  async free(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#options.free();
  }
}

/** Statuses of refusals that pass: a budget that is used up (402, where a door says it so), a limit, a deadline, a race. */
const PASSING: ReadonlySet<number> = new Set([402, 408, 409, 429]);

/** Successes, and refusals that another try would meet as well. */
function isLasting(status: number): boolean {
  return status < 500 && !PASSING.has(status);
}
