import { Kysely, sql } from "kysely";
import type { DatabaseAddress } from "../../core/database-address.ts";
import { MIGRATIONS } from "../migrations/migrations.ts";
import { BunPostgresDialect, type PostgresLimits } from "./dialect.ts";
import { openPool } from "./pool.ts";
import { unusable } from "./unusable.ts";
import { checkVersion } from "./upgrade.ts";

const LIMITS: PostgresLimits = { deadlineMs: 5_000, acquireMs: 6_000, rowsMax: 10 };

/** What a look at a store shows. */
export interface StoreSeen {
  /** Of the schema; 0 where there is none yet. */
  readonly version: number;
  /** That of this release. */
  readonly versionHere: number;
}

/** Looks at a server, and changes nothing there. Throws DatabaseUnusable, and the server's own errors. */
export async function lookAtPostgres(
  address: DatabaseAddress,
  pooler: boolean,
): Promise<StoreSeen & { readonly serverNowMs: number }> {
  const db = new Kysely<{ schema_versions: { version: bigint } }>({
    dialect: new BunPostgresDialect(openPool({ address, size: 1, pooler, settings: {} }), LIMITS),
  });
  try {
    const { rows } = await sql<{ version: string; now: bigint; has: boolean }>`
      select current_setting('server_version_num') as version, to_regclass('schema_versions') is not null as has,
        cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as now`.execute(db);
    const [server] = rows;
    checkVersion(Number(server?.version), address.place);
    const schema = server?.has
      ? await db
          .selectFrom("schema_versions")
          .select((eb) => eb.fn.max("version").as("version"))
          .executeTakeFirst()
      : undefined;
    return {
      version: Number(schema?.version ?? 0),
      versionHere: MIGRATIONS.length,
      serverNowMs: Number(server?.now ?? 0),
    };
  } catch (error) {
    throw unusable(error, address) ?? error;
  } finally {
    await db.destroy();
  }
}
