import { cpuTime, residentBytes } from "./proc.ts";

const RSS_SAMPLE_MS = 100;

/** What a process used while it was watched. */
export interface Usage {
  readonly seconds: number;
  /** Microseconds of processor time, all threads. */
  readonly cpuUs: number;
  readonly mainThreadUs: number;
  /** Resident memory, the largest seen. */
  readonly residentBytes: number;
}

/** Watches a process for so many milliseconds. */
export async function watch(pid: number, measureMs: number): Promise<Usage> {
  let rss = residentBytes(pid);
  const sampler = setInterval(() => (rss = Math.max(rss, residentBytes(pid))), RSS_SAMPLE_MS);
  const begin = cpuTime(pid);
  const beganAtMs = performance.now();
  await Bun.sleep(measureMs);
  const end = cpuTime(pid);
  const seconds = (performance.now() - beganAtMs) / 1000;
  clearInterval(sampler);
  return {
    seconds,
    cpuUs: end.totalUs - begin.totalUs,
    mainThreadUs: end.mainThreadUs - begin.mainThreadUs,
    residentBytes: rss,
  };
}
