import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SqliteValue } from "./connection.ts";
import type { ReaderPool, ReadPurpose } from "./reader-pool.ts";

function refuse(): never {
  throw new Error("this connection only reads: changes go through Store.commit");
}

/** Every query goes to the pool; there is nothing to acquire, and nothing that could be left open. */
class PooledConnection implements DatabaseConnection {
  readonly #pool: ReaderPool;
  readonly #purpose: ReadPurpose;

  constructor(pool: ReaderPool, purpose: ReadPurpose) {
    this.#pool = pool;
    this.#purpose = purpose;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const rows = await this.#pool.query(sql, parameters as readonly SqliteValue[], this.#purpose);
    return { rows: rows as R[] };
  }

  streamQuery(): never {
    throw new Error("page by key");
  }
}

class PooledDriver implements Driver {
  readonly #connection: PooledConnection;

  constructor(pool: ReaderPool, purpose: ReadPurpose) {
    this.#connection = new PooledConnection(pool, purpose);
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async beginTransaction(): Promise<void> {
    refuse();
  }
  async commitTransaction(): Promise<void> {
    refuse();
  }
  async rollbackTransaction(): Promise<void> {
    refuse();
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

/** Kysely over the reader threads. */
export class SqliteReadDialect implements Dialect {
  readonly #pool: ReaderPool;
  readonly #purpose: ReadPurpose;

  constructor(pool: ReaderPool, purpose: ReadPurpose = "ordinary") {
    this.#pool = pool;
    this.#purpose = purpose;
  }

  createDriver(): Driver {
    return new PooledDriver(this.#pool, this.#purpose);
  }
  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }
  createAdapter(): SqliteAdapter {
    return new SqliteAdapter();
  }
  createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
    return new SqliteIntrospector(db);
  }
}
