import { Database } from "bun:sqlite";
import { join } from "node:path";
import { withDatabase } from "../harness/database.ts";
import type { Gateway } from "../harness/gateway.ts";

type Row = Readonly<Record<string, unknown>>;
type Place = Pick<Gateway, "dataDir" | "databaseUrl">;

/** The store of a gateway as an administrator's shell sees it, on either engine. `?` marks a parameter. */
export interface StoreShell {
  /** Runs one statement; the number of rows it has changed. */
  run(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** Integers are numbers on both engines. */
  all(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** All of it or nothing. */
  transaction(work: () => Promise<void>): Promise<void>;
}

/** Runs `work` on the store of a gateway as another process would, whether or not the gateway runs. */
export async function withShell<Result>(
  gateway: Place,
  work: (shell: StoreShell) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl } = gateway;
  if (databaseUrl === undefined) return withSqlite(join(gateway.dataDir, "scaigrid.db"), work);
  return withDatabase(databaseUrl, (database) => {
    const ask = async (sql: string, parameters: readonly unknown[] = []) => {
      let count = 0;
      const numbered = sql.replaceAll("?", () => `$${++count}`);
      const values = parameters.map((each) => (typeof each === "number" ? BigInt(each) : each));
      return database.unsafe(numbered, values);
    };
    return work({
      run: async (sql, parameters) => Number(Reflect.get(await ask(sql, parameters), "count") ?? 0),
      async all(sql, parameters) {
        const rows: unknown = await ask(sql, parameters);
        return Array.isArray(rows) ? rows.map(inNumbers) : [];
      },
      transaction: (inner) => inTransaction((sql) => database.unsafe(sql), inner),
    });
  });
}

async function withSqlite<Result>(
  path: string,
  work: (shell: StoreShell) => Promise<Result>,
): Promise<Result> {
  const store = new Database(path);
  try {
    store.run("pragma busy_timeout = 2000");
    return await work({
      run: async (sql, parameters = []) => store.query(sql).run(...bindings(parameters)).changes,
      all: async (sql, parameters = []) => store.query<Row, Binding[]>(sql).all(...bindings(parameters)),
      transaction: (inner) => inTransaction(async (sql) => store.run(sql), inner),
    });
  } finally {
    store.close();
  }
}

type Binding = string | number | null;

function bindings(parameters: readonly unknown[]): Binding[] {
  return parameters.map((each) => (typeof each === "number" || each === null ? each : String(each)));
}

async function inTransaction(
  run: (sql: string) => Promise<unknown>,
  work: () => Promise<void>,
): Promise<void> {
  await run("begin");
  try {
    await work();
  } catch (error) {
    await run("rollback");
    throw error;
  }
  await run("commit");
}

function inNumbers(row: Row): Row {
  const plain = Object.entries(row).map(([name, value]) => [
    name,
    typeof value === "bigint" ? Number(value) : value,
  ]);
  return Object.fromEntries(plain);
}

/** Keeps every other process from writing while `work` goes on: a disk and a database that take no more. */
export async function withStoreLocked<Result>(gateway: Place, work: () => Promise<Result>): Promise<Result> {
  const { databaseUrl, dataDir } = gateway;
  if (databaseUrl === undefined) return withFileLocked(join(dataDir, "scaigrid.db"), work);
  const [journal] = [...new Bun.Glob("journals/*.db").scanSync({ cwd: dataDir })].toSorted().toReversed();
  if (journal === undefined) throw new Error("the gateway has no journal");
  return withDatabase(databaseUrl, async (database) => {
    await database.unsafe("begin");
    await database.unsafe("lock table changes in exclusive mode");
    try {
      return await withFileLocked(join(dataDir, journal), work);
    } finally {
      await database.unsafe("rollback");
    }
  });
}

async function withFileLocked<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const file = new Database(path);
  try {
    file.run("pragma busy_timeout = 2000");
    file.run("begin immediate");
    try {
      return await work();
    } finally {
      file.run("rollback");
    }
  } finally {
    file.close();
  }
}

/** Copies a table's first row `count` times, each with values of its own in these columns; the store numbers them. */
export async function multiply(
  shell: StoreShell,
  table: string,
  count: number,
  fresh: readonly string[],
): Promise<void> {
  const [found] = await shell.all(`select * from ${table} limit 1`);
  if (found === undefined) throw new Error(`${table} is empty`);
  const { seq: _seq, ...row } = found;
  const columns = Object.keys(row);
  const marks = columns.map(() => "?").join(", ");
  await shell.transaction(async () => {
    for (let n = 0; n < count; n++) {
      const values = Object.entries(row).map(([column, value]) =>
        fresh.includes(column) ? `${String(value)}${n}` : value,
      );
      await shell.run(`insert into ${table} (${columns.join(", ")}) values (${marks})`, values);
    }
  });
}

/** All that the database of a gateway holds, as text. */
export function dumpOf(gateway: Place): Promise<string> {
  return withShell(gateway, async (shell) => {
    const tables = await shell.all("select tablename as name from pg_tables where schemaname = 'public'");
    const parts: string[] = [];
    for (const { name } of tables) {
      const rows = await shell.all(`select coalesce(json_agg(t)::text, '') as text from "${String(name)}" t`);
      parts.push(String(rows[0]?.["text"]));
    }
    return parts.join("\n");
  });
}
