import type { ChatEvent } from "../core/chat.ts";
import type { EventSource } from "./upstream-stream.ts";

/** What another backend is given to go on from. */
const CHARS_MAX = 1_000_000;

/** What a stream has said so far, for as long as another backend could go on from it. */
export class Said {
  readonly #pieces: string[] = [];
  #chars = 0;
  #canGoOn: boolean;

  /** `choices`: answers that were asked for; nobody can go on from several. */
  constructor(choices: number) {
    this.#canGoOn = choices === 1;
  }

  /** The text; undefined where a continuation could not be told from a new answer. */
  get text(): string | undefined {
    return this.#canGoOn && this.#chars > 0 ? this.#pieces.join("") : undefined;
  }

  note(event: ChatEvent): void {
    if (!this.#canGoOn) return;
    if (event.type === "text") {
      this.#pieces.push(event.text);
      this.#chars += event.text.length;
      if (this.#chars > CHARS_MAX) this.end();
    } else if (event.type === "tool_call" || event.type === "refusal" || event.type === "finish") this.end();
  }

  /** From now on nobody goes on. */
  end(): void {
    this.#canGoOn = false;
    this.#pieces.length = 0;
  }
}

/**
 * The rest of an answer as another backend gives it: without the beginning, which some repeat, and without second
 * thoughts about what has been said.
 */
export class Continuation implements EventSource {
  readonly #source: EventSource;
  #first: readonly ChatEvent[] | undefined;
  /** What is left of the beginning that it may repeat; undefined once that is settled. */
  #echo: string | undefined;
  /** Text that may turn out to be a repetition. */
  #held: ChatEvent[] = [];

  /** `said`: what it may repeat; undefined where it does not. */
  constructor(first: readonly ChatEvent[], source: EventSource, said: string | undefined) {
    this.#first = first;
    this.#source = source;
    this.#echo = said;
  }

  async next(): Promise<readonly ChatEvent[] | undefined> {
    for (;;) {
      const events = this.#first ?? (await this.#source.next());
      this.#first = undefined;
      if (!events) return undefined;
      const told = events.flatMap((event) => this.#told(event));
      if (told.length > 0) return told;
    }
  }

  close(): void {
    this.#source.close();
  }

  #told(event: ChatEvent): readonly ChatEvent[] {
    if (event.type === "reasoning" || event.type === "opaque") return [];
    if (this.#echo === undefined) return [event];
    if (event.type === "text") return this.#repeated(event, event.text);
    // The answer has ended or turned to something else: what looked like a repetition was not.
    return event.type === "finish" || event.type === "tool_call" || event.type === "refusal"
      ? [...this.#notRepeated(), event]
      : [event];
  }

  #repeated(event: ChatEvent & { readonly type: "text" }, text: string): readonly ChatEvent[] {
    const echo = this.#echo ?? "";
    if (echo.startsWith(text)) {
      this.#held.push(event);
      this.#echo = echo.slice(text.length);
      if (this.#echo === "") this.#settled();
      return [];
    }
    if (!text.startsWith(echo)) return [...this.#notRepeated(), event];
    this.#settled();
    return [{ ...event, text: text.slice(echo.length) }];
  }

  #notRepeated(): readonly ChatEvent[] {
    const held = this.#held;
    this.#settled();
    return held;
  }

  #settled(): void {
    this.#held = [];
    this.#echo = undefined;
  }
}
