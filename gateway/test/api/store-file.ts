import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Gateway } from "../harness/gateway.ts";

/** Runs `work` on the store of a gateway as another process would, whether or not the gateway runs. */
export async function withStore<Result>(
  gateway: Pick<Gateway, "dataDir">,
  work: (store: Database) => Result | Promise<Result>,
): Promise<Result> {
  const store = new Database(join(gateway.dataDir, "scaigrid.db"));
  try {
    store.run("pragma busy_timeout = 2000");
    return await work(store);
  } finally {
    store.close();
  }
}

/** Keeps every other process from writing the store while `work` goes on: a disk that takes no more. */
export function withStoreLocked<Result>(
  gateway: Pick<Gateway, "dataDir">,
  work: () => Promise<Result>,
): Promise<Result> {
  return withStore(gateway, async (store) => {
    store.run("begin immediate");
    try {
      return await work();
    } finally {
      store.run("rollback");
    }
  });
}

/** Copies a table's first row `count` times, each with values of its own in these columns. */
export function multiply(store: Database, table: string, count: number, fresh: readonly string[]): void {
  const row: unknown = store.query(`select * from ${table} limit 1`).get();
  if (typeof row !== "object" || row === null) throw new Error(`${table} is empty`);
  const columns = Object.keys(row);
  const marks = columns.map(() => "?").join(", ");
  const insert = store.query(`insert into ${table} (${columns.join(", ")}) values (${marks})`);
  store.transaction(() => {
    for (let n = 0; n < count; n++) {
      const values = Object.entries(row).map(([column, value]) =>
        fresh.includes(column) ? `${String(value)}${n}` : value,
      );
      insert.run(...values);
    }
  })();
}
