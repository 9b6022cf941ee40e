import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { failOnBackgroundFailure, temporaryFolder } from "../store/engines.ts";
import { WORKERS } from "../store/worker-files.ts";

const folder = temporaryFolder();

test("a tenant's and a partner's part of the ledger is found without a look at the others'", async () => {
  const options = { folder, clock: systemClock, workers: WORKERS, onFailure: failOnBackgroundFailure };
  const { store } = await openSqliteStore(options);
  await store.close();
  using database = new Database(join(folder, "scaigrid.db"), { readonly: true });
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
