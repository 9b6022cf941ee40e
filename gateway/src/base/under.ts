/** A switch that another one turns as well. */
export interface Under {
  readonly controller: AbortController;
  /** To be called once what it is for has ended: the other one may be there for much longer. */
  readonly release: () => void;
}

/** A switch of one's own below `signal`: aborted with it, for its reason, at once where it is already. */
export function under(signal: AbortSignal): Under {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return { controller, release: () => signal.removeEventListener("abort", abort) };
}
