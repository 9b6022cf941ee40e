import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { Config } from "../../config/config.ts";
import { lookAtPostgres, type StoreSeen } from "../../store/postgres/look.ts";
import { DATABASE_FILE } from "../../store/sqlite/database-file.ts";
import { lookAtSqlite } from "../../store/sqlite/look.ts";
import { failed, type Finding } from "./finding.ts";

/** A clock that is further off has sessions and prices begin and end at the wrong time. */
const SKEW_MS = 5_000;

/** Looks at the store and at what it tells of the clock; changes nothing. */
export async function lookAtStore(config: Config, clock: Pick<Clock, "now">): Promise<readonly Finding[]> {
  try {
    return config.database === undefined ? lookAtFile(config, clock) : await lookAtServer(config, clock);
  } catch (error) {
    return [failed("store", error)];
  }
}

function lookAtFile({ dataDir }: Config, clock: Pick<Clock, "now">): readonly Finding[] {
  const file = join(dataDir, DATABASE_FILE);
  if (!existsSync(file)) {
    return [
      { check: "store", state: "ok", found: "SQLite; made by the first start" },
      { check: "clock", state: "skipped", found: "there is nothing to compare it with" },
    ];
  }
  const aheadMs = statSync(file).mtimeMs - clock.now();
  return [storeFound("SQLite", lookAtSqlite(file)), clockFound(aheadMs, "what was written last")];
}

async function lookAtServer(
  { database, databasePooler }: Config,
  clock: Pick<Clock, "now">,
): Promise<readonly Finding[]> {
  if (database === undefined) return [];
  const startedAt = clock.now();
  const seen = await lookAtPostgres(database, databasePooler);
  // The server said so at some moment in between.
  const here = (startedAt + clock.now()) / 2;
  const offMs = Math.abs(seen.serverNowMs - here) - (clock.now() - startedAt) / 2;
  return [storeFound(`PostgreSQL at ${database.place}`, seen), clockFound(offMs, "the database server")];
}

function storeFound(what: string, { version, versionHere }: StoreSeen): Finding {
  const check = "store";
  if (version === versionHere) return { check, state: "ok", found: `${what}, schema ${version}` };
  if (version < versionHere) {
    const found = `${what}, schema ${version}; a start brings it to ${versionHere}`;
    return { check, state: "ok", found };
  }
  const found = `${what} has schema ${version}, and this release knows ${versionHere}`;
  return { check, state: "failed", found, fix: "start the release that upgraded it, or a newer one" };
}

function clockFound(aheadMs: number, than: string): Finding {
  const check = "clock";
  if (aheadMs <= SKEW_MS) return { check, state: "ok", found: `agrees with ${than}` };
  const found = `${Math.round(aheadMs / 1000)} s away from ${than}`;
  return { check, state: "warning", found, fix: "let the machine set its clock by the network (NTP)" };
}
