import { Database } from "bun:sqlite";
import { join } from "node:path";
import { pickText } from "../harness/json.ts";

/** What the store says about one settled request. */
export interface UsageSeen {
  readonly requestId: string;
  readonly tokensOut: number;
  readonly status: string;
  readonly tenantPico: bigint;
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
          metadata: string;
        },
        []
      >("select request_id, tokens_out, status, tenant_pico, metadata from usage")
      .all();
    for (const row of rows) {
      const label = pickText(JSON.parse(row.metadata), "label");
      const seen = usage.get(label) ?? [];
      seen.push({
        requestId: row.request_id,
        tokensOut: Number(row.tokens_out),
        status: row.status,
        tenantPico: row.tenant_pico,
      });
      usage.set(label, seen);
    }
    const open = db.query<{ count: bigint }, []>("select count(*) as count from intents").get();
    return { usage, rows: rows.length, intents: Number(open?.count ?? -1) };
  } finally {
    db.close();
  }
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
