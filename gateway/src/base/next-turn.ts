/**
 * Resolves in another turn of the event loop, after whatever else waits for it. Between the steps of long work: a
 * commit on SQLite is over before its promise is awaited, so that awaiting it alone lets nobody in.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
