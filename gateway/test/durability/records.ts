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
  readonly partnerPico: bigint;
  readonly costPico: bigint;
  /** The prices that each of the three goes by; null = none of its own. */
  readonly tenantPriceId: string | null;
  readonly partnerPriceId: string | null;
  readonly costVersionId: string | null;
  readonly delivered: boolean;
  /** Epoch milliseconds. */
  readonly settledAt: number;
}

const COLUMNS =
  "request_id, tokens_out, status, tenant_pico, partner_pico, cost_pico, price_version_id, partner_price_id, " +
  "cost_version_id, delivered, settled_at, metadata";

/** A row of the usage, of a store or as a journal has it; integers in any form. */
function usageSeen(row: Readonly<Record<string, unknown>>): UsageSeen {
  const name = (column: string) => (row[column] == null ? null : String(row[column]));
  const pico = (column: string) => BigInt(String(row[column]));
  return {
    requestId: String(row["request_id"]),
    tokensOut: Number(row["tokens_out"]),
    status: String(row["status"]),
    tenantPico: pico("tenant_pico"),
    partnerPico: pico("partner_pico"),
    costPico: pico("cost_pico"),
    tenantPriceId: name("price_version_id"),
    partnerPriceId: name("partner_price_id"),
    costVersionId: name("cost_version_id"),
    delivered: String(row["delivered"]) === "1",
    settledAt: Number(row["settled_at"]),
  };
}

/** Each label with its records. */
function byLabel(rows: Iterable<Readonly<Record<string, unknown>>>): Map<string, UsageSeen[]> {
  const usage = new Map<string, UsageSeen[]>();
  for (const row of rows) {
    const label = pickText(JSON.parse(String(row["metadata"])), "label");
    const seen = usage.get(label) ?? [];
    seen.push(usageSeen(row));
    usage.set(label, seen);
  }
  return usage;
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
    const rows = db.query<Record<string, unknown>, []>(`select ${COLUMNS} from usage`).all();
    return { usage: byLabel(rows), rows: rows.length, intents: openIntents(folder, db).length };
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

const LAST_CHECKPOINT = "select coalesce(max(at), 0) as at from checkpoints";

/** When the streams that are open were last written down, in epoch milliseconds; 0 = never. */
export function lastCheckpoint(folder: string): number {
  const db = new Database(join(folder, "scaigrid.db"), { readonly: true, strict: true });
  try {
    db.run("pragma busy_timeout = 5000");
    return db.query<{ at: number }, []>(LAST_CHECKPOINT).get()?.at ?? 0;
  } finally {
    db.close();
  }
}

/** The same where the store is PostgreSQL: in the journals of a data folder. */
export function lastClusterCheckpoint(folder: string): number {
  return Math.max(
    0,
    ...inJournals(folder, (db) => db.query<{ at: number }, []>(LAST_CHECKPOINT).get()?.at ?? 0),
  );
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
  const rows: unknown = await withDatabase(url, (database) =>
    database.unsafe(`select ${COLUMNS} from usage`),
  );
  for (const row of Array.isArray(rows) ? rows : [])
    if (isObject(row)) settled.set(String(row["request_id"]), row);
  return { usage: byLabel(settled.values()), rows: settled.size, intents: waitingIntents(folder) };
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
