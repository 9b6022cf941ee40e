/**
 * Why an estimate stands in place of a report: the upstream has made none, or one that cannot be believed, or the
 * answer did not reach its end.
 */
export const ESTIMATE_REASONS = ["not_reported", "report_refused", "broken_off"] as const;

/** How the tokens of a request were estimated, so that what it costs can be explained. */
export interface Estimate {
  readonly method: string;
  /** Absent in what an earlier rule has estimated. */
  readonly reason?: (typeof ESTIMATE_REASONS)[number];
  /** Rises with every change of the rule. */
  readonly version: number;
  /** Tokens that 1 000 bytes of the prompt were taken for, and of the answer. */
  readonly inputPerKb: number;
  readonly outputPerKb: number;
}

/** What has been seen of one kind of text: integers, as they are kept. */
export interface RatioSeen {
  readonly calls: number;
  readonly bytes: number;
  /** Thousandths of a token. */
  readonly milliTokens: number;
}

/** What has been seen of one backend's tokenizer. */
export interface BackendSeen {
  readonly backendId: string;
  readonly input: RatioSeen;
  readonly output: RatioSeen;
}
