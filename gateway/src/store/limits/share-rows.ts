import { z } from "zod";
import type { ShareRow } from "../../limits/share-plan.ts";
import { NODE_SILENT_MS } from "../nodes/nodes.ts";
import type { RunStatement } from "../postgres/open.ts";

/** More hot limits than this keep equal shares. */
const ROWS_MAX = 5_000;

/** In the order of an entry's fields; short, because each node reads all of them once a second. */
const entry = z.tuple([z.number(), z.number(), z.number(), z.boolean(), z.number(), z.number()]);
const body = z.object({ limit: z.number(), nodes: z.record(z.string(), entry) });

/** A change of a row, which takes only if the row still has that version; 0 = is not there yet. */
export interface RowChange {
  readonly id: string;
  readonly version: number;
  /** Undefined: the row goes. */
  readonly row: ShareRow | undefined;
}

/** The rows by which nodes share out limits that run hot, as PostgreSQL keeps them. */
export class ShareRows {
  readonly #run: RunStatement;

  constructor(run: RunStatement) {
    this.#run = run;
  }

  /**
   * The nodes that serve callers now, by the clock of the store and in their order, and all rows by their ids. Rejects with
   * StoreUnavailable.
   */
  async read(): Promise<{
    readonly serving: readonly string[];
    readonly rows: ReadonlyMap<string, ShareRow>;
  }> {
    const found = await this.#run(
      "select id, null as version, null as body from nodes where closed_at is null and mode <> 'worker' " +
        `and heard_at > (extract(epoch from clock_timestamp()) * 1000)::bigint - ${NODE_SILENT_MS} ` +
        `union all (select id, version, body from limit_shares limit ${ROWS_MAX})`,
      [],
    );
    const serving: string[] = [];
    const rows = new Map<string, ShareRow>();
    for (const { id, version, body: text } of found) {
      if (typeof id !== "string") continue;
      if (typeof version !== "bigint" || typeof text !== "string") serving.push(id);
      else rows.set(id, readRow(Number(version), text));
    }
    return { serving: serving.toSorted(), rows };
  }

  /**
   * Makes those changes whose row is as it was read; returns their ids. A row that another node is writing just now counts as
   * changed: nobody waits. Rejects with StoreUnavailable: then any of them may have been made.
   */
  async write(changes: readonly RowChange[]): Promise<ReadonlySet<string>> {
    const rows = await this.#run(
      "with wanted as (select * from json_to_recordset($1::text::json) as w(id text, version bigint, body text)), " +
        "found as (select s.id, w.body from limit_shares s join wanted w on w.id = s.id and w.version = s.version " +
        "order by s.id for update of s skip locked), " +
        "gone as (delete from limit_shares s using found f where s.id = f.id and f.body is null returning s.id), " +
        "moved as (update limit_shares s set version = s.version + 1, body = f.body from found f " +
        "where s.id = f.id and f.body is not null returning s.id), " +
        "made as (insert into limit_shares (id, version, body) select id, 1, body from wanted " +
        "where version = 0 order by id on conflict do nothing returning id) " +
        "select id from gone union all select id from moved union all select id from made",
      [
        JSON.stringify(
          changes.map(({ id, version, row }) => ({ id, version, body: row ? rowText(row) : null })),
        ),
      ],
    );
    return new Set(rows.flatMap(({ id }) => (typeof id === "string" ? [id] : [])));
  }
}

function readRow(version: number, text: string): ShareRow {
  const { limit, nodes } = body.parse(JSON.parse(text));
  const entries = Object.entries(nodes).map(
    ([id, [share, used, refused, isPressing, turn, unit]]) =>
      [id, { share, used, refused, isPressing, turn, unit }] as const,
  );
  return { version, limit, nodes: new Map(entries) };
}

function rowText({ limit, nodes }: ShareRow): string {
  const entries = [...nodes].map(([id, { share, used, refused, isPressing, turn, unit }]) => [
    id,
    [share, used, refused, isPressing, turn, unit],
  ]);
  return JSON.stringify({ limit, nodes: Object.fromEntries(entries) as unknown });
}
