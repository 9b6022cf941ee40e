import { readFileSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";

const ESTABLISHED = "01";

/** Sockets of a process. Linux only: read from /proc. */
export interface Sockets {
  /** All but callers' connections that are well: those go when their callers like. */
  readonly own: number;
  /** Connections of callers who have left and have not been let go of. */
  readonly forgotten: number;
}

/** The sockets a server holds that listens on `port`. */
export function socketsOf(pid: number, port: number): Sockets {
  const connections = connectionsByInode();
  let [own, forgotten] = [0, 0];
  for (const inode of inodesOf(pid)) {
    const connection = connections.get(inode);
    if (connection?.localPort !== port || connection.state === "0A") own++;
    else if (connection.state !== ESTABLISHED) forgotten++;
  }
  return { own, forgotten };
}

function inodesOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      // Closed between the list and the look at it.
      return [];
    }
  });
}

function connectionsByInode(): ReadonlyMap<string, { readonly localPort: number; readonly state: string }> {
  const found = new Map<string, { localPort: number; state: string }>();
  for (const family of ["tcp", "tcp6"]) {
    for (const line of readFileSync(`/proc/net/${family}`, "utf8").split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (local === undefined || state === undefined || inode === undefined) continue;
      found.set(inode, { localPort: parseInt(local.split(":")[1] ?? "", 16), state });
    }
  }
  return found;
}

/** Resident memory of a process in MB. */
export function residentMb(pid: number): number {
  return statusMb(pid, "VmRSS");
}

/** The most that was resident since the process began, or since `forgetPeak`. */
export function peakMb(pid: number): number {
  return statusMb(pid, "VmHWM");
}

/** Begins the peak anew (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function statusMb(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? Number.NaN) / 1024;
}
