/** What makes a node refuse new work. */
export type Strain = "event_loop" | "memory" | "descriptors";

/** One look at the process. */
export interface Load {
  /** Milliseconds by which timers fired late. */
  readonly lagMs: number;
  readonly residentBytes: number;
  /** File descriptors in use; undefined where the system does not tell. */
  readonly descriptors: number | undefined;
}

export interface LoadLimits {
  /** 0 = none. */
  readonly lagMs: number;
  readonly memoryBytes: number;
  /** Undefined where the system does not tell. */
  readonly descriptors: number | undefined;
}

const MEMORY_SHED_RATIO = 0.85;
const MEMORY_CALM_RATIO = 0.8;
const DESCRIPTORS_SHED_RATIO = 0.8;
const DESCRIPTORS_CALM_RATIO = 0.75;
/** Looks in a row that find the event loop late before work is refused: one pause is no overload. */
const LATE_LOOKS = 2;

/** Whether this node has more work than it can take, by what it was last seen to use. */
export class Overload {
  readonly #limits: LoadLimits;
  #late = 0;
  #strain: Strain | undefined;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /** Undefined while there is room. */
  get strain(): Strain | undefined {
    return this.#strain;
  }

  /** Takes a new look into account. */
  seen({ lagMs, residentBytes, descriptors = 0 }: Load): void {
    const {
      lagMs: lagMsMax,
      memoryBytes,
      descriptors: descriptorsMax = Number.POSITIVE_INFINITY,
    } = this.#limits;
    this.#late = lagMsMax > 0 && lagMs >= lagMsMax ? this.#late + 1 : 0;
    // It stays until there is some room again: at the very limit it would come and go with every request.
    const ratio = (of: Strain, shed: number, calm: number) => (this.#strain === of ? calm : shed);
    const memoryRatio = ratio("memory", MEMORY_SHED_RATIO, MEMORY_CALM_RATIO);
    const descriptorsRatio = ratio("descriptors", DESCRIPTORS_SHED_RATIO, DESCRIPTORS_CALM_RATIO);
    if (descriptors > descriptorsMax * descriptorsRatio) this.#strain = "descriptors";
    else if (residentBytes > memoryBytes * memoryRatio) this.#strain = "memory";
    else this.#strain = this.#late >= LATE_LOOKS ? "event_loop" : undefined;
  }
}
