import { SQL } from "bun";
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
  /** Undefined where they may be dropped: on a store that is reached over a network. */
  readonly traces: number | undefined;
}

const SUMS = `
  select count(*) as rows, coalesce(sum(tokens_in), 0) as tokensIn, coalesce(sum(tokens_out), 0) as tokensOut,
    coalesce(sum(status <> 'completed'), 0) as unfinished, coalesce(sum(tenant_pico = 0), 0) as unpriced,
    (select count(*) from requests) as traces
  from usage`;

/** The journal is delivered in the background. */
const DELIVERY_MS_MAX = 120_000;
const SHARED_SUMS = `
  select count(*)::float8 as rows, coalesce(sum(tokens_in), 0)::float8 as "tokensIn",
    coalesce(sum(tokens_out), 0)::float8 as "tokensOut",
    count(*) filter (where status <> 'completed')::float8 as unfinished,
    count(*) filter (where tenant_pico = 0)::float8 as unpriced
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
  return faultsIn(readSums(dataDir), seen, upstream);
}

/** The same with PostgreSQL as the store, of a gateway that may be about to deliver what its journal still has. */
export async function sharedBookFaults(
  url: string,
  seen: Seen,
  upstream: UpstreamTotals,
): Promise<readonly string[]> {
  const database = new SQL(url, { max: 1 });
  try {
    const deadline = performance.now() + DELIVERY_MS_MAX;
    for (;;) {
      const [sums]: Sums[] = await database.unsafe(SHARED_SUMS);
      if (sums === undefined) throw new Error("the database answers with nothing");
      if (sums.rows >= seen.requests || performance.now() > deadline) return faultsIn(sums, seen, upstream);
      await Bun.sleep(200);
    }
  } finally {
    await database.close();
  }
}

function faultsIn(sums: Sums, seen: Seen, upstream: UpstreamTotals): readonly string[] {
  const pairs: readonly (readonly [string, number, string, number])[] = [
    ["usage records", sums.rows, "requests answered", seen.requests],
    ["traces", sums.traces ?? seen.requests, "requests answered", seen.requests],
    ["usage records", sums.rows, "requests at the upstream", upstream.requests],
    ["input tokens recorded", sums.tokensIn, "reported by the upstream", upstream.tokensIn],
    ["output tokens recorded", sums.tokensOut, "sent by the upstream", upstream.tokensOut],
    ["output tokens recorded", sums.tokensOut, "received by the callers", seen.tokens],
    ["records of unfinished requests", sums.unfinished, "expected", 0],
    ["records without a charge", sums.unpriced, "expected", 0],
  ];
  return pairs.filter(([, a, , b]) => a !== b).map(([what, a, other, b]) => `${a} ${what}, ${b} ${other}`);
}
