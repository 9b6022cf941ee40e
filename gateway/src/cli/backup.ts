import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { systemClock as clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import { backUp } from "../store/backup/backup.ts";
import { DATABASE_FILE } from "../store/sqlite/database-file.ts";
import { COMMAND } from "./called-as.ts";
import { CommandError, type Output } from "./output.ts";

/**
 * `scaigrid backup`: copies the data folder of a gateway, running or not, into a new folder. Throws CommandError when
 * there is nothing to copy or something in the way.
 */
export function backup(folder: string, config: Config, output: Output): void {
  if (config.database !== undefined) throw new CommandError(postgresAdvice(config.database.place));
  const from = config.dataDir;
  if (!existsSync(join(from, DATABASE_FILE))) {
    throw new CommandError(
      `there is no database in ${from}: name the data folder of the gateway with SCAIGRID_DATA_DIR`,
    );
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new CommandError(`${folder} is not empty: name a folder that does not exist yet`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { holdsSecretKey } = backUp(from, folder, clock.now());
  output.data(resolve(folder));
  output.note(
    holdsSecretKey
      ? "It holds secret.key, which opens the providers' credentials in it: keep it where only administrators can read."
      : "The secret key is not in it: keep what SCAIGRID_SECRET_KEY holds as well, or nothing opens the providers' credentials.",
  );
  output.note(`\`${COMMAND} restore ${folder}\` puts it into the data folder that SCAIGRID_DATA_DIR names.`);
}

function postgresAdvice(place: string): string {
  return [
    `the store is PostgreSQL at ${place}, which has tools of its own. A backup is three things:`,
    '  1. the database: pg_dump --format=custom --file=scaigrid.dump "$SCAIGRID_DATABASE_URL"',
    "  2. the folder journals of every node's data folder, for what had not reached the database: copy it after the dump",
    "  3. the secret key: what SCAIGRID_SECRET_KEY holds, or the file secret.key",
    "To restore, load the dump into an empty database with pg_restore, put the journals back, and start with the same key",
  ].join("\n");
}
