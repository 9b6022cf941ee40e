import { expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { openPostgresRecords } from "../../src/journal/open-postgres.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { describePart } from "../parts.ts";
import { addressOf, postgresEngine } from "../store/engines.ts";
import { intent, settlement } from "../store/samples.ts";
import { WORKERS } from "../store/worker-files.ts";
import { freshFolders } from "./records.ts";

describePart("postgres", "a node that stops in good order", (server) => {
  const engine = postgresEngine(server);
  const fresh = freshFolders();

  test.each([
    { settles: true, isClosed: true },
    { settles: false, isClosed: false },
  ])("is closed: $isClosed, where its last request is settled: $settles", async ({ settles, isClosed }) => {
    await (await engine.open()).close();
    const url = new URL(server);
    url.pathname = `/${engine.database()}`;
    const store = { address: addressOf(url.href), clock: systemClock, poolSize: 2, pooler: false };
    const told: string[] = [];
    const records = await openPostgresRecords({
      ...store,
      folder: fresh(),
      checkpointer: WORKERS.checkpointer,
      onFailure: (message) => told.push(message),
      onRefused: ({ reason }) => told.push(reason),
      mode: "all",
    });
    const promised = intent();
    await records.journal.intend(promised);
    if (settles) await records.journal.settle(settlement(promised));
    await records.close();
    const after = await openPostgresStore(store);
    const [node] = await after.run("select closed_at from nodes", []);
    await after.close();
    expect(node?.["closed_at"] !== null).toBe(isClosed);
    expect(told).toEqual(settles ? [] : [expect.stringContaining("requests not settled")]);
  });
});
