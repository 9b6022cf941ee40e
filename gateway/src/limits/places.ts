/** Numbers ≥ 0. */
export interface PlaceBounds {
  readonly placesMax: number;
  readonly waitingMax: number;
}

/**
 * A bounded number of places and a bounded queue for them. Each scope has a line of its own, first come first
 * served, and the lines are served in turn: whoever sends much makes the others wait for one request of theirs, not
 * for all. One scope's line may be half of the queue.
 */
export class Places<Waiter> {
  readonly #bounds: PlaceBounds;
  readonly #lineMax: number;
  /** In the order in which the lines are served next. */
  readonly #lines = new Map<string, Waiter[]>();
  #taken = 0;
  #waiting = 0;

  constructor(bounds: PlaceBounds) {
    this.#bounds = bounds;
    this.#lineMax = Math.ceil(bounds.waitingMax / 2);
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Takes a place if one is free; nobody waits then. */
  take(): boolean {
    if (this.#taken >= this.#bounds.placesMax) return false;
    this.#taken++;
    return true;
  }

  /** Joins the line of a scope; false when the queue or the line is full. */
  join(scopeId: string, waiter: Waiter): boolean {
    const line = this.#lines.get(scopeId);
    if (this.#waiting >= this.#bounds.waitingMax || (line?.length ?? 0) >= this.#lineMax) return false;
    if (line) line.push(waiter);
    else this.#lines.set(scopeId, [waiter]);
    this.#waiting++;
    return true;
  }

  /** Gives a place back; whoever has it now. */
  giveBack(): Waiter | undefined {
    const [next] = this.#lines;
    if (!next) {
      this.#taken--;
      return undefined;
    }
    const [scopeId, line] = next;
    const waiter = line.shift();
    this.#waiting--;
    this.#lines.delete(scopeId);
    if (line.length > 0) this.#lines.set(scopeId, line);
    return waiter;
  }

  /** Leaves the line; false when the place had come already. */
  withdraw(scopeId: string, waiter: Waiter): boolean {
    const line = this.#lines.get(scopeId);
    const at = line?.indexOf(waiter) ?? -1;
    if (!line || at < 0) return false;
    line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(scopeId);
    this.#waiting--;
    return true;
  }
}
