import type { ReservedSQL, SQL } from "bun";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import { within } from "../../base/within.ts";
import { StoreUnavailable, TooManyRows } from "../errors.ts";
import { foldPostgresError } from "./fold-error.ts";

export interface PostgresLimits {
  /** From asking to the answer, on the client: a frozen server would otherwise hang the call for ever. */
  readonly deadlineMs: number;
  /** For a free connection of the pool. */
  readonly acquireMs: number;
  readonly rowsMax: number;
}

/** Commands whose row count is a number of changed rows. */
const CHANGES = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"]);

function noAnswer(ms: number): StoreUnavailable {
  return new StoreUnavailable(`no answer within ${ms} ms`);
}

function unavailable(error: unknown): unknown {
  const failure = foldPostgresError(error);
  return failure.kind === "unavailable" ? new StoreUnavailable(failure.reason, error) : error;
}

/** A connection taken out of the pool: queries on it never queue behind somebody else's. */
class ReservedConnection implements DatabaseConnection {
  readonly #reserved: ReservedSQL;
  readonly #limits: PostgresLimits;
  /** A query has been given up: its answer may still come, so nothing else may be asked here. */
  #stuck = false;

  constructor(reserved: ReservedSQL, limits: PostgresLimits) {
    this.#reserved = reserved;
    this.#limits = limits;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { deadlineMs, rowsMax } = this.#limits;
    if (this.#stuck) throw noAnswer(deadlineMs);
    const query = this.#reserved.unsafe(sql, [...parameters]);
    let rows: Awaited<typeof query>;
    try {
      rows = await within(deadlineMs, query, () => {
        this.#stuck = true;
        void query.cancel();
        return noAnswer(deadlineMs);
      });
    } catch (error) {
      throw unavailable(error);
    }
    if (rows.length > rowsMax) throw new TooManyRows(rowsMax);
    const command: string = rows.command ?? "";
    // The server answers ROLLBACK to the commit of a transaction in which something failed.
    if (command === "ROLLBACK" && sql === "commit")
      throw new StoreUnavailable("the transaction was rolled back");
    return {
      rows: [...rows] as R[],
      ...(CHANGES.has(command) && { numAffectedRows: BigInt(rows.count ?? 0) }),
    };
  }

  streamQuery(): never {
    throw new Error("page by key");
  }

  /** Back into the pool; a connection that owes an answer is closed instead. */
  async release(): Promise<void> {
    if (this.#stuck) await this.#reserved.close();
    else await this.#reserved.release();
  }
}

/** Reserves a connection for each query or transaction. */
class ReservingDriver implements Driver {
  readonly #pool: SQL;
  readonly #limits: PostgresLimits;
  readonly #taken = new WeakMap<DatabaseConnection, ReservedConnection>();

  constructor(pool: SQL, limits: PostgresLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const { acquireMs } = this.#limits;
    const reserving = this.#pool.reserve();
    let late = false;
    try {
      const reserved = await within(acquireMs, reserving, () => {
        late = true;
        return noAnswer(acquireMs);
      });
      const connection = new ReservedConnection(reserved, this.#limits);
      this.#taken.set(connection, connection);
      return connection;
    } catch (error) {
      // Given up, but not lost: it goes back as soon as it comes.
      if (late) {
        reserving.then(
          (reserved) => reserved.release(),
          () => undefined,
        );
      }
      throw unavailable(error);
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    await this.#taken.get(connection)?.release();
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin"));
  }
  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }
  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("rollback"));
  }
  async destroy(): Promise<void> {
    await this.#pool.close({ timeout: CLOSE_SECONDS });
  }
}

/** Seconds that queries under way get when a pool closes. */
const CLOSE_SECONDS = 2;

/** Kysely over Bun.SQL. */
export class BunPostgresDialect implements Dialect {
  readonly #pool: SQL;
  readonly #limits: PostgresLimits;

  constructor(pool: SQL, limits: PostgresLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  createDriver(): Driver {
    return new ReservingDriver(this.#pool, this.#limits);
  }
  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }
  createAdapter(): PostgresAdapter {
    return new PostgresAdapter();
  }
  createIntrospector(db: Kysely<unknown>): PostgresIntrospector {
    return new PostgresIntrospector(db);
  }
}
