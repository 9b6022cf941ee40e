/**
 * Posts the instants of a schedule when they come, 0.1 ms late at the median. A timer of the event loop is 0.5 ms
 * late at the median and 1.1 ms at p99: as much as what is to be measured with it.
 */
declare const self: Worker;

const nobody = new Int32Array(new SharedArrayBuffer(4));
const now = () => performance.timeOrigin + performance.now();

self.onmessage = ({ data: intervalMs }: MessageEvent<number>) => {
  for (let dueMs = now() + intervalMs; ; dueMs += intervalMs) {
    const waitMs = dueMs - now();
    if (waitMs > 0) Atomics.wait(nobody, 0, 0, waitMs);
    postMessage(dueMs);
  }
};
