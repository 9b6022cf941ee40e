/** Promises and settles requests as fast as it can, and says which are safe, until it is killed. */
import { writeSync } from "node:fs";
import { systemClock } from "../../src/base/clock.ts";
import { openSqliteRecords } from "../../src/journal/open.ts";
import { openDataFolder } from "../../src/store/data-folder.ts";
import { WORKERS } from "../store/worker-files.ts";
import { intent, settlement } from "../store/samples.ts";

const folder = process.argv[2] ?? "";
openDataFolder(folder);
const onFailure = (message: string): void => void writeSync(2, `${message}\n`);
const records = await openSqliteRecords({ folder, clock: systemClock, workers: WORKERS, onFailure });

async function live(): Promise<void> {
  for (;;) {
    const promised = intent({ admittedAt: systemClock.now() });
    await records.journal.intend(promised);
    // Straight to the pipe: what was said before the kill can be read after it.
    writeSync(1, `promised ${promised.requestId}\n`);
    await records.journal.settle(settlement(promised));
    writeSync(1, `settled ${promised.requestId}\n`);
  }
}

await Promise.all(Array.from({ length: 50 }, live));
