import { CompiledQuery, Kysely } from "kysely";
import type { Clock } from "../../base/clock.ts";
import type { DatabaseAddress } from "../../core/database-address.ts";
import type { Schema } from "../schema.ts";
import type { Store } from "../store.ts";
import { StoreUse } from "../use.ts";
import { commitOnPostgres } from "./commit.ts";
import { BunPostgresDialect, type PostgresLimits } from "./dialect.ts";
import { listen } from "./listen.ts";
import { openPool } from "./pool.ts";
import { PromptStatements } from "./prompt.ts";
import { upgradePostgres } from "./upgrade.ts";

export interface PostgresStoreOptions {
  readonly address: DatabaseAddress;
  readonly clock: Clock;
  /** Connections for reports and management; a few more are kept for the node's own upkeep. */
  readonly poolSize: number;
  /** Whether a pooler stands between that gives out connections for one transaction each. */
  readonly pooler: boolean;
}

/** For reports and management. */
export const POSTGRES_LIMITS: PostgresLimits = { deadlineMs: 20_000, acquireMs: 5_000, rowsMax: 50_000 };
/** For commits, and for what keeps a node current: short statements, of which a late one is worth nothing. */
const UPKEEP_LIMITS: PostgresLimits = { deadlineMs: 4_000, acquireMs: 4_000, rowsMax: 50_000 };
const UPKEEP_CONNECTIONS = 3;
/** For what callers wait for: one statement at a time, and a second connection should the first be stuck. */
const PROMPT_LIMITS: PostgresLimits = { deadlineMs: 2_500, acquireMs: 1_000, rowsMax: 50_000 };
const PROMPT_CONNECTIONS = 2;

// On the server: shorter than ours, so that its own word comes first.
const READ_SETTINGS = { statement_timeout: 18_000, idle_in_transaction_session_timeout: 5_000 };
const UPKEEP_SETTINGS = {
  statement_timeout: 3_500,
  lock_timeout: 2_000,
  idle_in_transaction_session_timeout: 5_000,
};
const PROMPT_SETTINGS = {
  statement_timeout: 2_000,
  lock_timeout: 1_000,
  idle_in_transaction_session_timeout: 2_000,
};

/** A row of an answer; integers of 64 bits are bigint. */
export type PostgresRow = Readonly<Record<string, unknown>>;

/** A statement made beforehand. Rejects with StoreUnavailable, or with the server's own error. */
export type RunStatement = (text: string, parameters: readonly unknown[]) => Promise<readonly PostgresRow[]>;

export interface PostgresStore extends Store {
  readonly run: RunStatement;
  /** For statements that callers wait for: on connections of their own, and refused at once while the store is away. */
  readonly prompt: RunStatement;
  /**
   * Calls `heard` whenever a commit of any node has changed the control plane, and whenever the announcements can
   * be heard again after they could not. The returned function ends it. Behind a pooler nothing is heard.
   */
  follow(heard: () => void): Promise<() => Promise<void>>;
}

/** Connects, and creates or upgrades the schema. Throws DatabaseUnusable, SchemaTooNew. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { address, poolSize, pooler, clock } = options;
  await upgradePostgres(address, pooler, clock.now());
  const reports = openPool({ address, pooler, size: poolSize, settings: READ_SETTINGS });
  const upkeep = openPool({ address, pooler, size: UPKEEP_CONNECTIONS, settings: UPKEEP_SETTINGS });
  const soon = openPool({ address, pooler, size: PROMPT_CONNECTIONS, settings: PROMPT_SETTINGS });
  const use = new StoreUse();
  const read = new Kysely<Schema>({
    dialect: new BunPostgresDialect(reports, POSTGRES_LIMITS),
    log: use.noteRead,
  });
  const control = new Kysely<Schema>({ dialect: new BunPostgresDialect(upkeep, UPKEEP_LIMITS) });
  const waitedFor = new Kysely<Schema>({ dialect: new BunPostgresDialect(soon, PROMPT_LIMITS) });
  const prompt = new PromptStatements(running(waitedFor));
  return {
    engine: "postgres",
    read,
    control,
    readAtStart: (work) => work(control),
    use,
    commit(writes, conclude) {
      use.commits++;
      return commitOnPostgres(control, writes, conclude);
    },
    run: running(control),
    prompt: prompt.run,
    follow: (heard) => (pooler ? Promise.resolve(() => Promise.resolve()) : listen(upkeep, heard)),
    async close() {
      prompt.end();
      await Promise.all([read.destroy(), control.destroy(), waitedFor.destroy()]);
    },
  };
}

function running(connections: Kysely<Schema>): RunStatement {
  return async (text, parameters) => {
    const { rows } = await connections.executeQuery<PostgresRow>(CompiledQuery.raw(text, [...parameters]));
    return rows;
  };
}
