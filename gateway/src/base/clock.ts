/** The only source of time in the product. Everything else takes a `Clock`, so tests can hold it still. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch, integer. For stamps that people read. */
  now(): number;
  /** Milliseconds from an arbitrary start that never step back, fractional. For durations and windows. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
