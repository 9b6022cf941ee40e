/**
 * Calls `onDue` with every instant of an even schedule (of `performance.now()`), as soon as it has come. An instant
 * that nobody was free to hear of is told late, never left out. Returns what ends it.
 */
export function startMetronome(intervalMs: number, onDue: (dueMs: number) => void): () => void {
  const thread = new Worker(new URL("./metronome-thread.ts", import.meta.url).href);
  thread.onmessage = ({ data }: MessageEvent<number>) => onDue(data - performance.timeOrigin);
  thread.postMessage(intervalMs);
  return () => {
    thread.onmessage = null;
    thread.terminate();
  };
}
