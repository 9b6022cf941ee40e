import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { failOnBackgroundFailure, temporaryFolder } from "../store/engines.ts";
import { WORKERS } from "../store/worker-files.ts";

const folder = temporaryFolder();

async function opened(): Promise<Database> {
  const options = { folder, clock: systemClock, workers: WORKERS, onFailure: failOnBackgroundFailure };
  const { store } = await openSqliteStore(options);
  await store.close();
  return new Database(join(folder, "scaigrid.db"), { readonly: true });
}

test("balances are made of totals, not of movements, and a tenant's of its own", async () => {
  using database = await opened();
  const plan = (where: string) =>
    database
      .query<{ detail: string }, []>(
        `explain query plan select owner, sum(units) from ledger_account_totals where ${where} group by owner`,
      )
      .all()
      .map(({ detail }) => detail)
      .filter((step) => /\bt\b|ledger_movements/.test(step));
  for (const where of [
    "month = ''",
    "month = '' and tenant_id = 'one'",
    "month = '2026-11' and partner_id = 'one'",
  ])
    expect(plan(where)).toEqual([expect.stringMatching(/^SEARCH t USING (PRIMARY KEY|INDEX)/)]);
});

test("a tenant's and a partner's part of the ledger is found without a look at the others'", async () => {
  using database = await opened();
  for (const owner of ["tenant_id", "partner_id"]) {
    const steps = database
      .query<{ detail: string }, []>(
        `explain query plan select * from ledger_entries where ${owner} = 'one' order by id desc, side desc limit 51`,
      )
      .all();
    expect(steps.map(({ detail }) => detail).filter((step) => /\bm\b/.test(step))).toEqual([
      expect.stringMatching(/^SEARCH m USING INDEX/),
    ]);
  }
});
