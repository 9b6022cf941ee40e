import type { Estimates } from "../settlement/estimates.ts";
import { keepRatio, loadRatios } from "../store/estimates/ratios.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";

/** Rows of one commit. */
const ROWS_AT_ONCE = 100;

export interface RatiosDeps {
  readonly estimates: Estimates;
  readonly read: Reader;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
}

/** Keeps what this node learns of tokenizers, once it has recalled what was known before. */
export class RatioKeeper {
  readonly #deps: RatiosDeps;
  #hasRecalled = false;

  constructor(deps: RatiosDeps) {
    this.#deps = deps;
  }

  /** Rejects with StoreUnavailable; nothing is lost then. */
  async run(): Promise<void> {
    const { estimates, read } = this.#deps;
    if (!this.#hasRecalled) {
      for (const seen of await loadRatios(read)) estimates.recall(seen);
      this.#hasRecalled = true;
    }
    const changed = estimates.takeChanged();
    for (let at = 0; at < changed.length; at += ROWS_AT_ONCE) {
      try {
        await this.#deps.commit(changed.slice(at, at + ROWS_AT_ONCE).map(keepRatio));
      } catch (error) {
        estimates.putBack(changed.slice(at));
        throw error;
      }
    }
  }
}
