import { Database } from "bun:sqlite";
import { join } from "node:path";
import { withDatabase } from "../harness/database.ts";
import { isObject, pickText } from "../harness/json.ts";
import { openBeside, openIntents } from "../harness/open-intents.ts";

/** What the store says about one settled request. */
export interface UsageSeen {
  readonly requestId: string;
  readonly tokensOut: number;
  readonly status: string;
  readonly tenantPico: bigint;
  readonly delivered: boolean;
}

/** What the database of a data folder says: looked at from outside, with no code of the product. */
export interface Ledger {
  /** By the label that the request's metadata carries; more than one entry is one too many. */
  readonly usage: ReadonlyMap<string, readonly UsageSeen[]>;
  readonly rows: number;
  readonly intents: number;
}

/** Reads the usage records and open intents. Changes nothing, also where a process died in the middle of a write. */
export function readLedger(folder: string): Ledger {
  const db = new Database(join(folder, "scaigrid.db"), { readonly: true, strict: true, safeIntegers: true });
  try {
    db.run("pragma busy_timeout = 5000");
    const usage = new Map<string, UsageSeen[]>();
    const rows = db
      .query<
        {
          request_id: string;
          tokens_out: bigint;
          status: string;
          tenant_pico: bigint;
          delivered: bigint;
          metadata: string;
        },
        []
      >("select request_id, tokens_out, status, tenant_pico, delivered, metadata from usage")
      .all();
    for (const row of rows) {
      const label = pickText(JSON.parse(row.metadata), "label");
      const seen = usage.get(label) ?? [];
      seen.push({
        requestId: row.request_id,
        tokensOut: Number(row.tokens_out),
        status: row.status,
        tenantPico: row.tenant_pico,
        delivered: row.delivered === 1n,
      });
      usage.set(label, seen);
    }
    return { usage, rows: rows.length, intents: openIntents(folder, db).length };
  } finally {
    db.close();
  }
}

/** Runs `look` on every journal in a data folder; what it gives, one after the other. */
function inJournals<Result>(folder: string, look: (journal: Database, path: string) => Result): Result[] {
  return [...new Bun.Glob("journals/node_*.db").scanSync({ cwd: folder })].flatMap((name) => {
    const path = join(folder, name);
    const db = new Database(path, { readonly: true, strict: true });
    try {
      db.run("pragma busy_timeout = 5000");
      // Its process is just about to make the tables; this one comes last.
      const isMade = db.query("select 1 from sqlite_schema where name = 'facts'").get() !== null;
      return isMade ? [look(db, path)] : [];
    } finally {
      db.close();
    }
  });
}

/** Requests that are not settled, in all journals of a data folder. */
export function waitingIntents(folder: string): number {
  return inJournals(folder, (db, path) => openBeside(path, db, "settlements")).flat().length;
}

/**
 * The same where the store is PostgreSQL: what is there, and what waits in the journals of a data folder. A record
 * that is in both counts once.
 */
export async function readClusterLedger(url: string, folder: string): Promise<Ledger> {
  const settled = new Map<string, Record<string, unknown>>();
  const bodies = inJournals(folder, (db) =>
    db.query<{ body: string }, []>("select body from settlements").all(),
  );
  for (const { body } of bodies.flat()) {
    const row: unknown = JSON.parse(body);
    if (isObject(row)) settled.set(String(row["request_id"]), row);
  }
  const columns = "request_id, tokens_out, status, tenant_pico, delivered, metadata";
  const rows: unknown = await withDatabase(url, (database) =>
    database.unsafe(`select ${columns} from usage`),
  );
  for (const row of Array.isArray(rows) ? rows : [])
    if (isObject(row)) settled.set(String(row["request_id"]), row);
  const usage = new Map<string, UsageSeen[]>();
  for (const row of settled.values()) {
    const label = pickText(JSON.parse(String(row["metadata"])), "label");
    const seen = usage.get(label) ?? [];
    seen.push({
      requestId: String(row["request_id"]),
      tokensOut: Number(row["tokens_out"]),
      status: String(row["status"]),
      tenantPico: BigInt(String(row["tenant_pico"])),
      delivered: String(row["delivered"]) === "1",
    });
    usage.set(label, seen);
  }
  return { usage, rows: settled.size, intents: waitingIntents(folder) };
}

/** What a client saw of one request. */
interface Seen {
  readonly label: string;
  readonly tokens: number;
}

/** The requests that have not exactly one record, and what else is open. */
export function settledOnce(ledger: Ledger, streams: readonly Seen[]): string[] {
  const found = streams
    .map(({ label }) => `${label}: ${ledger.usage.get(label)?.length ?? 0} records`)
    .filter((line) => !line.endsWith(": 1 records"));
  if (ledger.intents > 0) found.push(`${ledger.intents} open intents`);
  return found;
}

/** The requests charged less than the client received or more than the upstream sent. */
export function chargedFairly(
  ledger: Ledger,
  streams: readonly Seen[],
  sent: ReadonlyMap<string, number>,
): string[] {
  return streams.flatMap(({ label, tokens }) => {
    const charged = ledger.usage.get(label)?.[0]?.tokensOut ?? -1;
    const most = sent.get(label) ?? 0;
    return charged >= tokens && charged <= most
      ? []
      : [`${label}: ${charged} charged, ${tokens} received, ${most} sent`];
  });
}
