import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const FILE = "operator.json";
const contents = z.object({ url: z.string(), key: z.string(), pid: z.int() });

/** How the command line on this machine reaches the running gateway. The key lives as long as the process. */
export type OperatorAccess = z.infer<typeof contents>;

/** Leaves the access in the data folder, readable by this user alone. */
export function writeOperatorFile(folder: string, access: OperatorAccess): void {
  const path = join(folder, FILE);
  // Removed first: the mode of a file that is there already would stay as it is.
  rmSync(path, { force: true });
  writeFileSync(path, JSON.stringify(access), { mode: 0o600 });
}

/** The access of the gateway that runs, or last ran, on this data folder; undefined when there is none. */
export function readOperatorFile(folder: string): OperatorAccess | undefined {
  try {
    return contents.safeParse(JSON.parse(readFileSync(join(folder, FILE), "utf8"))).data;
  } catch {
    // There is none, or a start is writing it just now.
    return undefined;
  }
}

/** Takes the access away when the process ends, unless it is that of another one by now. */
export function removeOperatorFile(folder: string, pid: number): void {
  if (readOperatorFile(folder)?.pid !== pid) return;
  rmSync(join(folder, FILE), { force: true });
}
