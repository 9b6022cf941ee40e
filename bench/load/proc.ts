import { readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;
const US_PER_TICK = 1_000_000 / TICKS_PER_SECOND;
const PAGE_BYTES = 4096;

/** Microseconds of processor time since a process began. */
export interface CpuTime {
  /** All threads, the ended ones included. */
  readonly totalUs: number;
  readonly mainThreadUs: number;
}

/** Fields 14 and 15 of a `stat` file of proc(5): user and system time. The name in field 2 may contain spaces. */
function ticks(path: string): number {
  const text = readFileSync(path, "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Processor time of a process (Linux). Throws when there is no such process. */
export function cpuTime(pid: number): CpuTime {
  return {
    totalUs: ticks(`/proc/${pid}/stat`) * US_PER_TICK,
    mainThreadUs: ticks(`/proc/${pid}/task/${pid}/stat`) * US_PER_TICK,
  };
}

/** Resident memory of a process in bytes (Linux). Throws when there is no such process. */
export function residentBytes(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, "latin1").split(" ")[1]) * PAGE_BYTES;
}
