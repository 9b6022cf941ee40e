import { type CpuTime, cpuTime, residentBytes } from "./proc.ts";
import type { Destination } from "./request.ts";

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

/** Watches the processes of a program for so many milliseconds; what they used together. */
export async function watch(
  { pid, morePids = [] }: Pick<Destination, "pid" | "morePids">,
  measureMs: number,
): Promise<Usage> {
  const pids = [pid, ...morePids];
  const sum = (of: (pid: number) => number): number => pids.reduce((so, each) => so + of(each), 0);
  let rss = sum(residentBytes);
  const sampler = setInterval(() => (rss = Math.max(rss, sum(residentBytes))), RSS_SAMPLE_MS);
  const begin = pids.map(cpuTime);
  const beganAtMs = performance.now();
  await Bun.sleep(measureMs);
  const end = pids.map(cpuTime);
  const seconds = (performance.now() - beganAtMs) / 1000;
  clearInterval(sampler);
  return {
    seconds,
    cpuUs: total(end, "totalUs") - total(begin, "totalUs"),
    mainThreadUs: total(end, "mainThreadUs") - total(begin, "mainThreadUs"),
    residentBytes: rss,
  };
}

function total(times: readonly CpuTime[], kind: keyof CpuTime): number {
  return times.reduce((so, time) => so + time[kind], 0);
}
