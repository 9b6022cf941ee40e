/** One place that does not keep a rule. */
export interface Breach {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** What a rule finds in a file: where (an offset into the text) and what is wrong. */
export interface Finding {
  readonly at: number;
  readonly message: string;
  /** What an exception may name to excuse only this: a function, for example. */
  readonly subject?: string;
}
