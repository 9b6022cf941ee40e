import { readFileSync, statSync } from "node:fs";
import type { SqliteConnection } from "../../store/sqlite/connection.ts";

/** Linux makes one up at each start of the machine; containers on it share it. */
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** Where a journal was made: the file, and the run of the machine whose kernel knows who has hold of it. */
const FACTS = ["device", "inode", "boot"] as const;
type Birthplace = Readonly<Record<(typeof FACTS)[number], bigint>>;

/** Notes where a new journal is made. */
export function noteBirthplace(connection: SqliteConnection, path: string): void {
  const put = connection.statement("insert or ignore into facts (name, value) values (?, ?)");
  const here = placeOf(path);
  for (const name of FACTS) put.run([name, here[name]]);
}

/**
 * Whether a journal lies where it was made, on a machine that has not started anew since: then a free lock says that its
 * process has ended. Of a copy, or a folder that was restored, it says nothing.
 */
export function isWhereMade(connection: SqliteConnection, path: string): boolean {
  const fact = connection.statement("select value from facts where name = ?");
  const here = placeOf(path);
  return here.boot !== 0n && FACTS.every((name) => fact.all([name])[0]?.["value"] === here[name]);
}

function placeOf(path: string): Birthplace {
  const { dev, ino } = statSync(path, { bigint: true });
  return { device: BigInt.asIntN(63, dev), inode: BigInt.asIntN(63, ino), boot: bootId() };
}

/** 0 where there is no telling. */
function bootId(): bigint {
  try {
    const digits = readFileSync(BOOT_ID, "utf8").replaceAll("-", "").trim();
    return BigInt.asUintN(62, BigInt(`0x${digits}`));
  } catch {
    return 0n;
  }
}
