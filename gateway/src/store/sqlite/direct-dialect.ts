import {
  CompiledQuery,
  type DatabaseConnection,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from "kysely";
import type { SqliteConnection, SqliteValue } from "./connection.ts";

/** Takes the write lock at the beginning: a deferred transaction that finds it taken later must start over. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

/** Kysely straight on a connection: for a start, when nothing waits for the event loop. */
export class SqliteDirectDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(connection: SqliteConnection) {
    const config: SqliteDialectConfig = {
      database: {
        close: () => connection.close(),
        prepare: (sql) => {
          const statement = connection.prepare(sql);
          return {
            reader: statement.reader,
            all: (parameters) => [...statement.all(parameters as readonly SqliteValue[])],
            run: (parameters) => ({
              changes: statement.run(parameters as readonly SqliteValue[]),
              lastInsertRowid: 0n,
            }),
            iterate: (parameters) => statement.iterate(parameters as readonly SqliteValue[]),
          };
        },
      },
    };
    super(config);
    this.#config = config;
  }

  override createDriver(): ImmediateDriver {
    return new ImmediateDriver(this.#config);
  }
}
