import { readFileSync, readdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { getPriority, setPriority, totalmem } from "node:os";

/** With fewer, connections, the store and upstream calls would soon be in each other's way. */
const DESCRIPTORS_MIN = 4_096;

/** What this machine, or the container on it, gives to the process. */
export interface Machine {
  readonly memoryBytes: number;
  /** How many processes serve together and share the memory. */
  readonly processes: number;
  /** File descriptors that may be open; undefined where the system does not tell. */
  readonly descriptorsMax: number | undefined;
}

/** Looks at the machine. */
export function inspectMachine(processes: number): Machine {
  const constrained = process.constrainedMemory();
  const memoryBytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return { memoryBytes, processes, descriptorsMax: descriptorLimit() };
}

/** Throws with what to do when too few file descriptors may be open. */
export function demandDescriptors(): void {
  const descriptorsMax = descriptorLimit();
  if (descriptorsMax !== undefined && descriptorsMax < DESCRIPTORS_MIN) {
    throw new Error(
      `only ${descriptorsMax} files and connections may be open at once, and the gateway needs ${DESCRIPTORS_MIN}: ` +
        "raise the limit, with `ulimit -n 65536` in the shell, `LimitNOFILE=65536` in a systemd unit or " +
        "`--ulimit nofile=65536` for a container, then start again",
    );
  }
}

/** The limit that is in force: the runtime raises it to the hard one by itself. */
function descriptorLimit(): number | undefined {
  const limits = textOf("/proc/self/limits");
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Systems without /proc do not tell.
    return "";
  }
}

/** File descriptors in use; undefined where the system does not tell. */
export async function descriptorsInUse(): Promise<number | undefined> {
  try {
    return (await readdir("/proc/self/fd")).length;
  } catch {
    return undefined;
  }
}

/** Where Linux lists the threads of this process, by their ids. */
const THREADS = "/proc/self/task";
/**
 * Threads of the runtime by their names, and what is added to their nice value, as of nice(2), where 19 is the most:
 * the HTTP client, which calls wait for, and what could as well be done a little later: booking and reports, compiling
 * code that runs often, preparing and giving back memory.
 */
const NICE: ReadonlyMap<string, number> = new Map([
  ["HTTP Client", 3],
  ["Worker", 5],
  ["JITWorker", 5],
  ["JSCWarmUp", 5],
  ["mi-scavenger", 5],
]);
const NICE_MAX = 19;

/**
 * Has the scheduler run the runtime's other threads behind the event loop where both want the same core. The HTTP
 * client wakes for each call it is handed and takes the core there and then; behind the event loop it works through
 * several calls at once: where all cores are busy that is a tenth of what a call costs. The others hold up the event
 * loop for milliseconds. On idle cores they run as ever. Linux alone keeps a priority for each thread.
 */
export class ThreadOrder {
  /** Threads come and go, and an id tells one for as long as it lives. */
  #seen: ReadonlySet<string> = new Set();

  /** Looks for threads that are new, which is to be done again from time to time: 20 µs where there are none. */
  keep(): void {
    if (process.platform !== "linux") return;
    const ids = new Set(threads());
    for (const id of ids) if (!this.#seen.has(id)) putBehind(id);
    this.#seen = ids;
  }
}

function threads(): string[] {
  try {
    return readdirSync(THREADS);
  } catch {
    // There is no /proc: then all threads run as they do.
    return [];
  }
}

function putBehind(id: string): void {
  const nice = NICE.get(textOf(`${THREADS}/${id}/comm`).trim());
  if (nice === undefined) return;
  try {
    setPriority(Number(id), Math.min(NICE_MAX, getPriority() + nice));
  } catch {
    // It has ended, or a sandbox forbids it.
  }
}
