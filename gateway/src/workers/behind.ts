import { setPriority } from "node:os";

/**
 * Has the scheduler run this thread behind the event loop where both want the same core; `nice` as of nice(2). Linux
 * keeps a priority for each thread; elsewhere it would be the whole process's, so there nothing changes.
 */
export function runBehind(nice: number): void {
  if (process.platform !== "linux") return;
  try {
    setPriority(0, nice);
  } catch {
    // Forbidden in some sandboxes: then it runs as all threads do.
  }
}
