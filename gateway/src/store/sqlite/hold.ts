import { rmSync } from "node:fs";
import { errorField } from "../errors.ts";
import { openPlain, type SqliteConnection } from "./connection.ts";

/** A hold on a file. */
export interface Hold {
  release(): void;
  /** Takes the file away, and with it the hold. */
  remove(): void;
}

/**
 * Takes hold of a file, made if need be: alone, or together with others that share it. The hold is a lock of the
 * kernel, gone with the process even after `kill -9`, so there is no stale file to clean up. Undefined when another
 * has it; throws what SQLite throws when the file cannot be had at all.
 */
export function holdFile(path: string, kind: "alone" | "shared"): Hold | undefined {
  let lock: SqliteConnection | undefined;
  try {
    lock = openPlain(path);
    lock.run("pragma busy_timeout = 0");
    if (kind === "alone") {
      lock.run("begin exclusive");
    } else {
      lock.run("begin");
      // The shared lock is taken by the first read.
      lock.statement("select count(*) from sqlite_schema").all([]);
    }
  } catch (error) {
    lock?.close();
    const code = errorField(error, "code") ?? "";
    if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) return undefined;
    throw error;
  }
  const held = lock;
  return {
    release: () => held.close(),
    remove() {
      // Before the hold ends: whoever comes next makes a new file.
      rmSync(path, { force: true });
      held.close();
    },
  };
}
