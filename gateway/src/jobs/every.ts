/** Who hears how a job fares. */
export interface JobReport {
  failed(error: unknown): void;
  worked(): void;
}

/** The longest pause after failures. */
const SLOWEST_MS = 2_000;

/**
 * Runs a job again and again, `intervalMs` after it has ended, until the returned function is called; that one
 * resolves when a run under way is over. A run that fails is told of and tried again; a job that comes more often
 * than every 2 s comes less often while it fails.
 */
export function every(intervalMs: number, job: () => Promise<void>, report: JobReport): () => Promise<void> {
  let stopped = false;
  let timer: Timer | undefined;
  let running = Promise.resolve();
  let pauseMs = intervalMs;
  const run = async (): Promise<void> => {
    try {
      await job();
      pauseMs = intervalMs;
      report.worked();
    } catch (error) {
      pauseMs = Math.max(intervalMs, Math.min(pauseMs * 2, SLOWEST_MS));
      report.failed(error);
    }
    if (!stopped) schedule();
  };
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = run();
    }, pauseMs);
  };
  schedule();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
