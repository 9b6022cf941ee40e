import { systemClock as clock } from "../base/clock.ts";
import type { Listening } from "../http/server.ts";
import { every, type JobReport } from "../jobs/every.ts";
import { EventLoopLag } from "../telemetry/event-loop-lag.ts";
import type { Logger } from "../telemetry/logs.ts";
import type { Gateway } from "./assemble.ts";
import { descriptorsInUse, ThreadOrder } from "./machine.ts";

const SAMPLE_MS = 500;
/** Counting 10 000 descriptors takes a few milliseconds, most of them in another thread. */
const DESCRIPTORS_MS = 1_000;

/** Looks at the process twice a second, so that work is refused when there is too much; returns its end. */
export function watchLoad(
  { metrics, overload }: Pick<Gateway, "metrics" | "overload">,
  listening: Pick<Listening, "closeIdle">,
  log: Pick<Logger, "log">,
  report: JobReport,
): () => Promise<void> {
  let descriptors: number | undefined;
  const threads = new ThreadOrder();
  threads.keep();
  const look = (seconds: number): void => {
    metrics.eventLoopLagged(seconds);
    threads.keep();
    const before = overload.strain;
    overload.seen({ lagMs: seconds * 1_000, residentBytes: process.memoryUsage.rss(), descriptors });
    const { strain } = overload;
    if (strain === "descriptors") listening.closeIdle();
    // What nothing refers to any more is still part of the process's memory until it is collected.
    if (strain === "memory") Bun.gc(false);
    if (strain !== before) log.log("warn", "overload", { reason: strain ?? "none any more" });
  };
  const lag = new EventLoopLag({
    intervalMs: SAMPLE_MS,
    monotonic: () => clock.monotonic(),
    every: (intervalMs, tick) => {
      const timer = setInterval(tick, intervalMs);
      return () => clearInterval(timer);
    },
    observe: look,
  });
  const count = async (): Promise<void> => {
    descriptors = await descriptorsInUse();
  };
  const stopCounting = every(DESCRIPTORS_MS, count, report);
  return async () => {
    lag.stop();
    await stopCounting();
  };
}
