/**
 * Work that is done in rounds, one at a time. Whoever asks joins a round that begins after the question: any number
 * of questions during one round cost one more.
 */
export class Rounds {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Resolves, or rejects, as a round does that has begun since the call. */
  run(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#start();
    const begin = (): Promise<void> => {
      this.#next = undefined;
      return this.#start();
    };
    this.#next = this.#running.then(begin, begin);
    return this.#next;
  }

  #start(): Promise<void> {
    const round = this.#work();
    this.#running = round;
    const over = (): void => {
      if (this.#running === round) this.#running = undefined;
    };
    round.then(over, over);
    return round;
  }
}
