import { errorField, StoreUnavailable } from "../errors.ts";
import type { RunStatement } from "./open.ts";

/** Between two looks whether the store answers again. */
const LOOK_MS = 100;

/**
 * Statements for which callers wait. Once one has found the store away, all are refused at once, until a look beside the
 * calls finds it there again: of all who call while it is away only the first have to wait for its silence.
 */
export class PromptStatements {
  readonly #run: RunStatement;
  #away: StoreUnavailable | undefined;
  #looking: Timer | undefined;
  #ended = false;

  constructor(run: RunStatement) {
    this.#run = run;
  }

  /** Rejects with StoreUnavailable, or with the server's own error. */
  readonly run: RunStatement = async (text, parameters) => {
    if (this.#away !== undefined) throw new StoreUnavailable("it has not answered of late", this.#away);
    try {
      return await this.#run(text, parameters);
    } catch (error) {
      if (error instanceof StoreUnavailable && !isOfOneStatement(error)) this.#lose(error);
      throw error;
    }
  };

  /** Looks no further. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#looking);
  }

  #lose(error: StoreUnavailable): void {
    const isNews = this.#away === undefined;
    this.#away = error;
    if (isNews) this.#lookLater();
  }

  #lookLater(): void {
    if (this.#ended) return;
    this.#looking = setTimeout(() => void this.#look(), LOOK_MS);
  }

  async #look(): Promise<void> {
    try {
      await this.#run("select 1", []);
      this.#away = undefined;
    } catch {
      // Whoever calls is told that it is away.
      this.#lookLater();
    }
  }
}

/** Whether the server is there and has given up this statement alone: it waited too long, or stood in another's way. */
function isOfOneStatement(error: StoreUnavailable): boolean {
  return /^(40|55|57014)/.test(errorField(error.cause, "errno") ?? "");
}
