import type { ChatEvent } from "../core/chat.ts";
import type { Usage } from "../core/usage.ts";

/** What the upstream of a stream has said of its usage. */
export class Reported {
  readonly #choices: number;
  #usage: Usage | undefined;
  /** Choices that have come to their end. */
  #finished = 0;
  /** Whether no one report is about the whole answer. */
  #isContinued = false;

  /** `choices`: answers that were asked for. */
  constructor(choices: number) {
    this.#choices = choices;
  }

  note(event: ChatEvent): void {
    if (event.type === "usage") this.#usage = event.usage;
    else if (event.type === "finish") this.#finished++;
  }

  /** From now on another upstream says the rest. */
  continued(): void {
    this.#isContinued = true;
  }

  /** The last word; undefined where it is not about the whole answer. */
  get last(): Usage | undefined {
    return this.#isContinued ? undefined : this.#usage;
  }

  /** The same of an answer that may have been cut: some tell as they go how far they have come. */
  get whole(): Usage | undefined {
    return this.#finished >= this.#choices ? this.last : undefined;
  }
}
