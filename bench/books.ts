import { Database } from "bun:sqlite";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { UpstreamTotals } from "./load/work.ts";

/** What the driver of the load saw on its side. */
export interface Seen {
  readonly requests: number;
  readonly tokens: number;
}

interface Sums {
  readonly rows: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly unfinished: number;
  readonly unpriced: number;
  readonly traces: number;
}

const SUMS = `
  select count(*) as rows, coalesce(sum(tokens_in), 0) as tokensIn, coalesce(sum(tokens_out), 0) as tokensOut,
    coalesce(sum(status <> 'completed'), 0) as unfinished, coalesce(sum(tenant_pico = 0), 0) as unpriced,
    (select count(*) from requests) as traces
  from usage`;

/** Reads the store of a stopped gateway. Throws when there is none in the folder. */
function readSums(dataDir: string): Sums {
  for (const file of readdirSync(dataDir)) {
    if (!/\.(db|sqlite3?)$/.test(file)) continue;
    using db = new Database(join(dataDir, file), { readonly: true });
    const isStore = db.query("select 1 from sqlite_master where name = 'usage'").get() !== null;
    const sums = isStore ? db.query<Sums, []>(SUMS).get() : null;
    if (sums) return sums;
  }
  throw new Error(`no store in ${dataDir}: ${readdirSync(dataDir).join(", ")}`);
}

/**
 * Holds the gateway's records against what both ends of the load counted. A speed that was reached by losing or
 * miscounting requests is none, so the benchmark prints no table unless this list is empty.
 */
export function bookFaults(dataDir: string, seen: Seen, upstream: UpstreamTotals): readonly string[] {
  const sums = readSums(dataDir);
  const pairs: readonly (readonly [string, number, string, number])[] = [
    ["usage records", sums.rows, "requests answered", seen.requests],
    ["traces", sums.traces, "requests answered", seen.requests],
    ["usage records", sums.rows, "requests at the upstream", upstream.requests],
    ["input tokens recorded", sums.tokensIn, "reported by the upstream", upstream.tokensIn],
    ["output tokens recorded", sums.tokensOut, "sent by the upstream", upstream.tokensOut],
    ["output tokens recorded", sums.tokensOut, "received by the callers", seen.tokens],
    ["records of unfinished requests", sums.unfinished, "expected", 0],
    ["records without a charge", sums.unpriced, "expected", 0],
  ];
  return pairs.filter(([, a, , b]) => a !== b).map(([what, a, other, b]) => `${a} ${what}, ${b} ${other}`);
}
