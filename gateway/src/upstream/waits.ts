/** The longest delay a timer takes (2³¹ − 1 ms); anything above fires at once, so it is clamped. */
export const TIMER_MS_MAX = 2_147_483_647;

/** Why a signal was aborted, as an error: the reason itself where it is one. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException(String(reason), "AbortError");
}

/**
 * Waits for `promise`, at most `timeoutMs` and not beyond the signal. Rejects with what `onTimeout` makes, or
 * with the signal's reason. The promise itself goes on; its later rejection is not unhandled.
 */
export function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  onTimeout: () => Error,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const clear = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    };
    const fail = (error: Error) => {
      clear();
      reject(error);
    };
    const aborted = () => signal !== undefined && fail(reasonOf(signal));
    const timer = setTimeout(() => fail(onTimeout()), Math.min(timeoutMs, TIMER_MS_MAX));
    void promise.then(resolve, reject).finally(clear);
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** Waits; rejects with the signal's reason the moment it aborts. Leaves no timer behind. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const aborted = () => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    const over = () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    };
    const timer = setTimeout(over, Math.min(ms, TIMER_MS_MAX));
    if (signal.aborted) aborted();
    else signal.addEventListener("abort", aborted, { once: true });
  });
}
