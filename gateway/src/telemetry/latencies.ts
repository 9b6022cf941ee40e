/** How many durations lie in a span; spans are numbered by their upper end. */
export type Counted = readonly [span: number, count: number];

/** Spans to each doubling of a duration: what is told is at most 9 % above what was measured. */
const SPANS_PER_DOUBLING = 8;
/** Some 12 hours. Whatever takes longer took as long. */
const SPAN_MAX = 204;

/** Durations, counted in spans of which each ends 9 % above the one before; the first is up to a millisecond. */
export class Latencies {
  readonly #counts = new Map<number, number>();

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  note(ms: number): void {
    const span = ms <= 1 ? 0 : Math.min(SPAN_MAX, Math.ceil(Math.log2(ms) * SPANS_PER_DOUBLING));
    this.#counts.set(span, (this.#counts.get(span) ?? 0) + 1);
  }

  add(counted: Iterable<Counted>): void {
    for (const [span, count] of counted) this.#counts.set(span, (this.#counts.get(span) ?? 0) + count);
  }

  /** In order of length. */
  counted(): readonly Counted[] {
    return [...this.#counts].toSorted(([one], [other]) => one - other);
  }

  /** So long took at most that share (0 to 1) of them, in milliseconds; undefined of none. */
  percentile(share: number): number | undefined {
    const counted = this.counted();
    const all = counted.reduce((sum, [, count]) => sum + count, 0);
    let seen = 0;
    for (const [span, count] of counted) {
      seen += count;
      if (seen >= all * share) return 2 ** (span / SPANS_PER_DOUBLING);
    }
    return undefined;
  }
}
