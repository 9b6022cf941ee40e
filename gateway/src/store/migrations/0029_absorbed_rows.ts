import { sql } from "kysely";
import { ABSORB_ROW, BOOK_ABSORBED, WHOLE_NUMBER } from "../nodes/quarantine-functions.ts";
import type { Migration } from "./migration.ts";

/** Whose settlement it is was not noted at first. */
const NAME_REQUESTS = `
do $body$
declare
  aside record;
begin
  for aside in select node_id, seq, body from quarantined_rows where request_id is null loop
    begin
      update quarantined_rows set request_id = aside.body::json ->> 'request_id'
        where node_id = aside.node_id and seq = aside.seq;
    exception when data_exception then
      -- Damaged: it does not say.
      continue;
    end;
  end loop;
end
$body$`;

/** What is absorbed of rows that were set aside is in the ledger. */
export const absorbedRows: Migration = {
  version: 29,
  name: "absorbed_rows",
  async up(db, engine) {
    if (engine === "sqlite") return;
    await sql.raw("drop function scaigrid_absorb_row(text, bigint)").execute(db);
    for (const text of [WHOLE_NUMBER, BOOK_ABSORBED, ABSORB_ROW, NAME_REQUESTS]) {
      await sql.raw(text).execute(db);
    }
  },
};
