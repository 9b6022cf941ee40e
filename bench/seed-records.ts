import { Database } from "bun:sqlite";
import { join } from "node:path";
import { DATABASE_FILE } from "../gateway/src/store/sqlite/database-file.ts";

const ROWS_PER_COMMIT = 250_000;
const USERS = 200;
/** Of a day: records are spread evenly over so many. */
const DAYS = 30;
const DAY_MS = 86_400_000;
const CACHE_KB = 1_000_000;

/** What stands in place of the template's own, as SQL over `n`, the number of the record. */
type Overrides = Readonly<Record<string, string>>;

/** The request id of the record with this number. */
export function seededRequest(n: number): string {
  return `req_${String(n).padStart(26, "0")}`;
}

/**
 * Fills a stopped gateway's data folder with `count` settled requests of the last thirty days and their traces, all like
 * the newest one that it has. They are copied within the database: written by the gateway itself, ten million would take
 * an hour. What is counted of them (ledger, roll-ups) is left to the gateway.
 */
export function seedRecords(dataDir: string, count: number): void {
  using db = new Database(join(dataDir, DATABASE_FILE), { readwrite: true, strict: true });
  // The log of so many rows would be larger than they are.
  db.run("pragma journal_mode = off");
  db.run("pragma synchronous = off");
  db.run(`pragma cache_size = -${CACHE_KB}`);
  const now = Date.now();
  const at = `${now - DAYS * DAY_MS} + cast(n * ${(DAYS * DAY_MS) / count} as integer)`;
  const id = (prefix: string) => `'${prefix}_' || printf('%026d', n)`;
  const user = `'user_' || printf('%026d', n % ${USERS})`;
  const usage = {
    seq: "",
    id: id("usage"),
    request_id: id("req"),
    user_id: user,
    created_at: at,
    settled_at: at,
    metadata: `'{"team":"' || (n % 7) || '"}'`,
  };
  const requests = {
    request_id: id("req"),
    client_request_id: "null",
    trace_id: "lower(hex(randomblob(16)))",
    upstream_id: "'chatcmpl-' || lower(hex(randomblob(12)))",
    user_id: user,
    started_at: at,
  };
  for (let from = 1; from <= count; from += ROWS_PER_COMMIT) {
    const to = Math.min(count, from + ROWS_PER_COMMIT - 1);
    db.transaction(() => {
      copy(db, "usage", usage, from, to);
      copy(db, "requests", requests, from, to);
    })();
  }
  db.run("pragma journal_mode = wal");
}

/** Copies the newest row once for each number; a column whose override is empty is left to the database. */
function copy(db: Database, table: string, overrides: Overrides, from: number, to: number): void {
  const found = db.query<{ name: string }, []>(`select name from pragma_table_info('${table}')`).all();
  const columns = found.map(({ name }) => name).filter((name) => overrides[name] !== "");
  const values = columns.map((name) => overrides[name] ?? `template.${name}`);
  db.run(
    `with recursive numbers(n) as (select ${from} union all select n + 1 from numbers where n < ${to}) ` +
      `insert into ${table} (${columns.join(", ")}) select ${values.join(", ")} ` +
      `from numbers, (select * from ${table} order by rowid desc limit 1) as template`,
  );
}
