import { expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { type JournalFile, openJournalFile } from "../../src/journal/local/file.ts";
import { Flusher, type Refused } from "../../src/journal/local/flusher.ts";
import { Outbox } from "../../src/journal/local/outbox.ts";
import { SqliteJournal } from "../../src/journal/sqlite-journal.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { Nodes, type NodeStart } from "../../src/store/nodes/nodes.ts";
import { openPostgresStore, type PostgresStore, type RunStatement } from "../../src/store/postgres/open.ts";
import { listUsage } from "../../src/store/usage/reader.ts";
import { describePart } from "../parts.ts";
import { addressOf, failOnBackgroundFailure, postgresEngine, rejection } from "../store/engines.ts";
import { intent, settlement } from "../store/samples.ts";
import { WORKERS } from "../store/worker-files.ts";
import { freshFolders } from "./records.ts";

/** A node's journal, and the way of its settlements into a store. */
interface Way {
  readonly store: PostgresStore;
  readonly file: JournalFile;
  readonly journal: SqliteJournal;
  readonly outbox: Outbox;
  readonly refused: Refused[];
  /** A flusher that starts with what the store says, through `run` where given. */
  flusher(run?: RunStatement): Flusher;
  /** Settles so many requests; their usage ids. */
  settle(count: number): Promise<string[]>;
  usageIds(): Promise<string[]>;
  close(): Promise<void>;
}

describePart("postgres", "settlements on their way into PostgreSQL", (server) => {
  const engine = postgresEngine(server);
  const fresh = freshFolders();

  async function open(): Promise<Way> {
    await (await engine.open()).close();
    const url = new URL(server);
    url.pathname = `/${engine.database()}`;
    const address = addressOf(url.href);
    const store = await openPostgresStore({ address, clock: systemClock, poolSize: 2, pooler: false });
    const node: NodeStart = {
      id: newId("node", systemClock.now()),
      startedAt: systemClock.now(),
      version: "1",
      host: "h",
      mode: "all",
    };
    const { checkpointer } = WORKERS;
    const file = openJournalFile(node.id, {
      folder: fresh(),
      checkpointer,
      onFailure: failOnBackgroundFailure,
    });
    if (file === undefined) throw new Error("a new journal is held");
    const outbox = new Outbox(file.writer, systemClock);
    const journal = new SqliteJournal({
      writer: file.writer,
      clock: systemClock,
      nodeId: node.id,
      intents: file.intents,
      settlements: outbox,
    });
    const refused: Refused[] = [];
    return {
      store,
      file,
      journal,
      outbox,
      refused,
      flusher: (run = store.run) =>
        new Flusher({
          outbox,
          nodes: new Nodes(run),
          node,
          clock: systemClock,
          onRefused: (row) => refused.push(row),
        }),
      async settle(count) {
        const settlements = Array.from({ length: count }, () => settlement(intent()));
        await Promise.all(settlements.map((each) => journal.settle(each)));
        return settlements.map((each) => each.usageId);
      },
      async usageIds() {
        const found = await listUsage(store.read, { level: "platform" }, {}, { limit: 5_000 });
        return found.map((record) => record.id).toSorted();
      },
      async close() {
        await journal.close();
        await file.close();
        await store.close();
      },
    };
  }

  test("arrive whole: every field as it was settled, amounts to the last digit", async () => {
    const way = await open();
    const settled = settlement(intent({ metadata: { note: 'a "quoted" \u0000 \ud800 line\n' } }), {
      charge: { cost: 2n ** 62n, partner: 9_007_199_254_740_993n, tenant: 1n },
    });
    await way.journal.settle(settled);
    await way.flusher().flush();
    const [record] = await listUsage(way.store.read, { level: "platform" }, {}, { limit: 5 });
    expect(record).toMatchObject({
      id: settled.usageId,
      charge: settled.charge,
      buckets: settled.usage,
      metadata: settled.intent.metadata,
    });
    await way.close();
  });

  test("more of them than fit a batch arrive in order, and once", async () => {
    const way = await open();
    const ids = await way.settle(1_300);
    const flusher = way.flusher();
    await Promise.all([flusher.flush(), flusher.flush(), flusher.flush()]);
    expect(await way.usageIds()).toEqual(ids.toSorted());
    expect(flusher.acknowledged).toBe(way.outbox.last());
    await way.close();
  });

  test("a batch that is sent twice changes nothing, be it that its answer was lost or that two send it", async () => {
    const way = await open();
    const ids = await way.settle(20);
    let lost = 0;
    const losing = way.flusher(async (text, parameters) => {
      const rows = await way.store.run(text, parameters);
      if (text.includes("insert into usage") && lost++ === 0)
        throw new StoreUnavailable("the answer was lost");
      return rows;
    });
    const late = way.flusher();
    await late.register();
    expect(await rejection(losing.flush())).toBeInstanceOf(StoreUnavailable);
    await losing.flush();
    await late.flush();
    expect(await way.usageIds()).toEqual(ids.toSorted());
    expect([losing.acknowledged, late.acknowledged]).toEqual([20n, 20n]);
    const more = await way.settle(1);
    await Promise.all([losing.flush(), late.flush()]);
    expect(await way.usageIds()).toEqual([...ids, ...more].toSorted());
    await way.close();
  });

  test("a store that was set back is given again what it has lost, and one that forgot the node too", async () => {
    const way = await open();
    const ids = await way.settle(30);
    const flusher = way.flusher();
    await flusher.flush();
    await way.store.run("delete from usage where id = any (string_to_array($1, ' '))", [
      ids.slice(10).join(" "),
    ]);
    await way.store.run("update nodes set last_seq = 10", []);
    ids.push(...(await way.settle(1)));
    await flusher.flush();
    expect(await way.usageIds()).toEqual(ids.toSorted());
    await way.store.run("delete from nodes", []);
    await way.store.run("delete from usage", []);
    ids.push(...(await way.settle(1)));
    await flusher.flush();
    expect(await way.usageIds()).toEqual(ids.toSorted());
    await way.close();
  });

  test("a node that comes back when its row and the usage it sent have been deleted sends only what is new", async () => {
    const way = await open();
    await way.settle(3);
    await way.flusher().flush();
    const nodes = new Nodes(way.store.run);
    await nodes.close(way.file.nodeId);
    await way.store.run("update nodes set closed_at = closed_at - 8 * 86400000", []);
    await nodes.close(newId("node", systemClock.now()));
    expect(await way.store.run("select 1 from nodes", [])).toEqual([]);
    await way.store.run("delete from usage", []);
    const later = await way.settle(2);
    await way.flusher().flush();
    expect(await way.usageIds()).toEqual(later.toSorted());
    await way.close();
  });

  test("one that the store will not take is set aside, told of, and holds up no other", async () => {
    const way = await open();
    const ids = await way.settle(40);
    way.file.writer.transact(() =>
      way.file.writer
        .statement("insert into settlements (request_id, at, body) values (?, ?, ?)")
        .run(["req_poison", 1n, '{"id":"usage_poison","request_id":"req_poison","cost_pico":"much"}']),
    );
    way.file.writer.transact(() =>
      way.file.writer
        .statement("insert into settlements (request_id, at, body) values (?, ?, ?)")
        .run(["req_damaged", 1n, "{not json"]),
    );
    ids.push(...(await way.settle(40)));
    await way.flusher().flush();
    expect(await way.usageIds()).toEqual(ids.toSorted());
    expect(way.refused.map((row) => row.seq)).toEqual([41n, 42n]);
    const aside = await way.store.run("select seq, body, reason from quarantined_rows order by seq", []);
    expect(aside.map((row) => row["seq"])).toEqual([41n, 42n]);
    expect(String(aside[0]?.["body"])).toContain("usage_poison");
    expect(String(aside[0]?.["reason"])).toContain("bigint");
    await way.close();
  });

  test("rows in an older form go beside those in today's", async () => {
    const way = await open();
    const [first] = await way.settle(1);
    const statement = "update settlements set body = json_remove(body, '$.metadata')";
    way.file.writer.transact(() => way.file.writer.statement(statement).run([]));
    const [second] = await way.settle(1);
    await way.flusher().flush();
    expect(await way.usageIds()).toEqual([first ?? "", second ?? ""].toSorted());
    expect(way.refused).toEqual([]);
    await way.close();
  });

  test("what the store has is kept for a day and then let go, what it has not is kept for as long as it takes", async () => {
    const way = await open();
    await way.settle(3);
    const count = (): unknown =>
      way.file.writer.statement("select count(*) as n from settlements").all([])[0]?.["n"];
    const outbox = new Outbox(way.file.writer, { ...systemClock, now: () => Date.now() + 90_000_000 });
    expect(outbox.forget(0n)).toBe(false);
    expect(count()).toBe(3n);
    // The samples were settled years ago.
    expect(way.outbox.forget(2n)).toBe(false);
    expect(count()).toBe(1n);
    await way.close();
  });
});
