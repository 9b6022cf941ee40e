import { expect, test } from "bun:test";
import { joinAmount } from "../../src/base/money.ts";
import { UsageBooker } from "../../src/jobs/book-usage.ts";
import { listBalances } from "../../src/store/ledger/entries.ts";
import { compareBatches } from "../../src/store/ledger/compare.ts";
import { PostgresBooks } from "../../src/store/ledger/postgres-books.ts";
import { absorbAside } from "../../src/store/nodes/writer.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { systemClock } from "../../src/base/clock.ts";
import { rowJson } from "../../src/store/row-json.ts";
import { usageRow } from "../../src/store/usage/record.ts";
import { describePart } from "../parts.ts";
import { addressOf, postgresEngine } from "../store/engines.ts";
import { intent, settlement } from "../store/samples.ts";

const ALL = { level: "platform" } as const;
const NODE = "node_00000000000000000000000002";

describePart("postgres", "settlements that were set aside and are absorbed", (server) => {
  const engine = postgresEngine(server);

  async function open() {
    await (await engine.open()).close();
    const url = new URL(server);
    url.pathname = `/${engine.database()}`;
    const store = await openPostgresStore({
      address: addressOf(url.href),
      clock: systemClock,
      poolSize: 2,
      pooler: false,
    });
    let seq = 0n;
    return {
      store,
      /** Sets a row aside and absorbs it. */
      async absorb(requestId: string, body: string) {
        seq += 1n;
        await store.run(
          "insert into quarantined_rows (node_id, seq, request_id, body, reason, at) values ($1, $2, $3, $4, 'x', 1)",
          [NODE, seq, requestId, body],
        );
        await store.commit(absorbAside({ nodeId: NODE, seq }));
      },
      async book() {
        const deps = { clock: systemClock, books: new PostgresBooks(store.run), read: store.read };
        await new UsageBooker({ ...deps, zoneOf: () => "UTC" }).all();
      },
    };
  }

  test("are in the ledger: the tenant owes nothing, what it would have owed stands under absorbed", async () => {
    const world = await open();
    const large = 9_007_199_254_740_993n;
    const aside = settlement(intent(), { charge: { cost: 5n, partner: 6n, tenant: large }, absorbed: 2n });
    const row = rowJson(usageRow(aside));
    const { requestId } = aside.intent;
    await world.absorb(requestId, row.replace('"latency_ms":13', '"latency_ms":"much"'));
    await world.book();
    const balances = await listBalances(world.store.read, ALL, {}, { limit: 100 });
    expect(balances.map(({ owner, account, balance }) => `${owner} ${account} ${balance}`)).toEqual([
      "backend cost 5",
      "backend receivable -5",
      `partner absorbed ${-(large + 2n)}`,
      `tenant absorbed ${large + 2n}`,
    ]);
    const { comparisons } = await compareBatches(world.store.read, 0n, 0, 10);
    expect(comparisons.map(({ expected, found }) => expected === found)).toEqual([true]);
    // Should its node send it again, it is there already.
    const [kept] = await world.store.run("select id, tokens_in, latency_ms from usage", []);
    expect(kept).toEqual({ id: aside.usageId, tokens_in: 15n, latency_ms: 0n });
    await world.store.close();
  });

  test("move nothing where they do not say whose they are, and free what they hold all the same", async () => {
    const world = await open();
    const hold =
      "insert into budget_holds (request_id, budget_id, node_id, starts_at, pico, tokens, requests) ";
    await world.store.run(`${hold} values ('req_1', 'budget_1', $1, 0, 1, 1, 1)`, [NODE]);
    await world.absorb("req_1", '{"request_id":"req_1","tenant_pico":"7"}');
    await world.absorb("req_2", "{not json");
    await world.book();
    expect(await world.store.run("select 1 from usage", [])).toEqual([]);
    expect(await world.store.run("select 1 from budget_holds", [])).toEqual([]);
    const rows = await world.store.read.selectFrom("ledger_movements").selectAll().execute();
    expect(rows.map(joinAmount)).toEqual([]);
    await world.store.close();
  });
});
