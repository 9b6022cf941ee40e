/**
 * What a recorded answer says, read straight from its own fields, without any of the code under test. Every wire
 * format has its own reader of recordings (`formats/`); this is what all of them tell.
 */
export interface Oracle {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: string;
    /** What callers are to hand back with the call. */
    readonly opaque?: readonly object[];
  }[];
  /** What callers are to hand back as it is; none where absent. */
  readonly opaque?: readonly object[];
  /** Citations and other things beside the text, by kind; none where absent. */
  readonly extra?: Readonly<Record<string, readonly unknown[]>>;
  /** The class of the fault that ended it; absent for an answer that ended well. */
  readonly fault?: string;
  /** In the words of the middle form. */
  readonly finish: string | null;
  /** All tokens that went in, of the last usage; undefined where none was recorded. */
  readonly prompt: number | undefined;
  /** All tokens that came out, reasoning included. */
  readonly answer: number | undefined;
  /** Of `prompt`, those read from a cache. */
  readonly cached: number;
  /** Of `answer`, those of reasoning where the recording says. */
  readonly reasoned: number;
}
