/**
 * - `ok`: enough is free
 * - `low`: an operator should make room
 * - `full`: what is left is kept for what is under way; nothing new is begun
 */
export type DiskState = "ok" | "low" | "full";

/** Of the reserve. */
const LOW_RATIO = 2;
/** How much more has to be free before a state is left: at the very limit it would come and go with every look. */
const CALM_RATIO = 1.1;

/** Whether there is room on the disk for what has to be recorded, by what was last seen of it. Pure. */
export class DiskReserve {
  readonly reserveBytes: number;
  #freeBytes: number | undefined;
  #state: DiskState = "ok";

  /** `reserveBytes`: below it nothing new is begun; 0 = nobody looks. */
  constructor(reserveBytes: number) {
    this.reserveBytes = reserveBytes;
  }

  get state(): DiskState {
    return this.#state;
  }

  get isFull(): boolean {
    return this.#state === "full";
  }

  /** Undefined until somebody has looked. */
  get freeBytes(): number | undefined {
    return this.#freeBytes;
  }

  /** Takes a new look into account; gives the state there is. */
  seen(freeBytes: number): DiskState {
    this.#freeBytes = freeBytes;
    const isBelow = (bytes: number, isIn: boolean): boolean => freeBytes < bytes * (isIn ? CALM_RATIO : 1);
    if (isBelow(this.reserveBytes, this.isFull)) this.#state = "full";
    else this.#state = isBelow(this.reserveBytes * LOW_RATIO, this.#state !== "ok") ? "low" : "ok";
    return this.#state;
  }
}
