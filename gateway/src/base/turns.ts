export interface TurnsOptions {
  /** Works that go on at the same time. */
  readonly atOnce: number;
  /** Works that wait for their turn. */
  readonly waitingMax: number;
  /** What the next one is refused with. */
  readonly full: () => Error;
}

/** Lets few works go on at a time and some more wait for their turn, first come, first served. */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Does the work as soon as it is its turn. Rejects with the error of `full` when too many wait already. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.atOnce) await this.#turn();
    else this.#running++;
    try {
      return await work();
    } finally {
      // Whoever ends passes the place on, so that nobody who comes in between can take it.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#options.waitingMax) return Promise.reject(this.#options.full());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
