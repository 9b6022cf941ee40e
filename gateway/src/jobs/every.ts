/**
 * Runs a job again and again, `intervalMs` after it has ended, until the returned function is called; that one
 * resolves when a run under way is over. A run that fails is told of and tried again next time.
 */
export function every(
  intervalMs: number,
  job: () => Promise<void>,
  onFailure: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false;
  let timer: Timer | undefined;
  let running = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      await job();
    } catch (error) {
      onFailure(error);
    }
    if (!stopped) schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = run();
    }, intervalMs);
  };
  schedule();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
