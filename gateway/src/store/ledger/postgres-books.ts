import type { Booking, Run } from "../../core/ledger.ts";
import type { PostgresRow, RunStatement } from "../postgres/open.ts";
import { columnList, rowJson } from "../row-json.ts";
import type { Books } from "./books.ts";
import { CELL_ADDED, cellRow, movementRows } from "./rows.ts";
import type { LedgerMovementsTable, UsageCellsTable } from "./tables.ts";

/** "LEDGER" as a number: the advisory lock of the node that books. */
const BOOKING_LOCK = "83889216833874";

/** Numbers that are looked at for a run. */
const NUMBERS_MAX = 1_000;

const MOVEMENT_COLUMNS = columnList([
  "id",
  "kind",
  "partner_id",
  "tenant_id",
  "backend_id",
  "month",
  "for_month",
  "units",
  "pico",
  "batch",
  "adjustment_id",
  "at",
] satisfies (keyof LedgerMovementsTable)[]);

const CELL_COLUMNS = columnList([
  "level",
  "bucket",
  "tenant_id",
  "partner_id",
  "user_id",
  "api_key_id",
  "model_slug",
  "backend_id",
  "status",
  "late_bucket",
  "requests",
  "tokens_in",
  "tokens_out",
  "cost_units",
  "cost_pico",
  "partner_units",
  "partner_pico",
  "tenant_units",
  "tenant_pico",
] satisfies (keyof UsageCellsTable)[]);

/** A run that another node has booked meanwhile has numbers that wait no more: then nothing happens. */
const KEEP =
  `with turn as (select 1 as mine where pg_try_advisory_xact_lock(${BOOKING_LOCK})), ` +
  "held as (select seq from unbooked where seq > $1::bigint and seq <= $2::bigint and exists (select 1 from turn) for update), " +
  "mine as (select 1 from turn where (select count(*) from held) = $3::bigint), " +
  "gone as (delete from unbooked where seq in (select seq from held) and exists (select 1 from mine)), " +
  "batch as (insert into ledger_batches (last_seq, after_seq, booked_at) select $2::bigint, $1::bigint, $4::bigint from mine), " +
  `moved as (insert into ledger_movements (${MOVEMENT_COLUMNS}) select ${MOVEMENT_COLUMNS} ` +
  "from json_populate_recordset(null::ledger_movements, $5::text::json) where exists (select 1 from mine)), " +
  `cells as (insert into usage_cells (${CELL_COLUMNS}) select ${CELL_COLUMNS} ` +
  "from json_populate_recordset(null::usage_cells, $6::text::json) where exists (select 1 from mine) " +
  `${CELL_ADDED}) select 1 from mine`;

/** The books of a store that nodes share: any of them books what all have settled. */
export class PostgresBooks implements Books {
  readonly #run: RunStatement;

  constructor(run: RunStatement) {
    this.#run = run;
  }

  /** Numbers in a row, all of them committed: one that is given out and not seen yet ends the run. */
  async next(rowsMax: number): Promise<Run | undefined> {
    const waiting = await this.#run(
      `select seq, rows, at from unbooked order by seq limit ${NUMBERS_MAX}`,
      [],
    );
    let run: Run | undefined;
    for (const row of waiting) {
      const [seq, rows, at] = numbersOf(row);
      if (run === undefined) {
        run = { after: seq - 1n, last: seq, waiting: 1, rows: Number(rows), waitsSince: Number(at) };
        continue;
      }
      if (seq !== run.last + 1n || run.rows + Number(rows) > rowsMax) break;
      run = {
        ...run,
        last: seq,
        waiting: run.waiting + 1,
        rows: run.rows + Number(rows),
        waitsSince: Math.min(run.waitsSince, Number(at)),
      };
    }
    return run;
  }

  async newest(): Promise<bigint> {
    const [row] = await this.#run("select coalesce(max(seq), 0) as seq from unbooked", []);
    const seq = row?.["seq"];
    return typeof seq === "bigint" ? seq : 0n;
  }

  async keep(booking: Booking): Promise<boolean> {
    const { run, bookedAt } = booking;
    const answer = await this.#run(KEEP, [
      run.after,
      run.last,
      BigInt(run.waiting),
      BigInt(bookedAt),
      `[${movementRows(booking).map(rowJson).join(",")}]`,
      `[${booking.cells.map(cellRow).map(rowJson).join(",")}]`,
    ]);
    return answer.length > 0;
  }
}

function numbersOf({ seq, rows, at }: PostgresRow): readonly [bigint, bigint, bigint] {
  if (typeof seq !== "bigint" || typeof rows !== "bigint" || typeof at !== "bigint")
    throw new Error("a row of numbers");
  return [seq, rows, at];
}
