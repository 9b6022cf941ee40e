import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { cpSync, readdirSync, renameSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/ids.ts";
import { adoptJournals, type AdoptOptions } from "../../src/journal/local/adopt.ts";
import { type JournalFile, openJournalFile } from "../../src/journal/local/file.ts";
import { Outbox } from "../../src/journal/local/outbox.ts";
import { SqliteJournal } from "../../src/journal/sqlite-journal.ts";
import { recover } from "../../src/settlement/recover.ts";
import { Nodes } from "../../src/store/nodes/nodes.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { listUsage } from "../../src/store/usage/reader.ts";
import { describePart } from "../parts.ts";
import { addressOf, failOnBackgroundFailure, postgresEngine } from "../store/engines.ts";
import { intent, settlement } from "../store/samples.ts";
import { WORKERS } from "../store/worker-files.ts";
import { freshFolders } from "./records.ts";

const HOUR_MS = 3_600_000;

describePart("postgres", "journals that nobody holds", (server) => {
  const engine = postgresEngine(server);
  const fresh = freshFolders();

  /** A store, a data folder, and the journals in it. */
  async function open() {
    await (await engine.open()).close();
    const url = new URL(server);
    url.pathname = `/${engine.database()}`;
    const address = addressOf(url.href);
    const store = await openPostgresStore({ address, clock: systemClock, poolSize: 2, pooler: false });
    const folder = fresh();
    const files = {
      folder,
      checkpointer: WORKERS.checkpointer,
      onFailure: failOnBackgroundFailure,
    };
    const told: string[] = [];
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + aheadMs };
    const options: AdoptOptions = {
      files,
      nodes: new Nodes(store.run),
      node: { id: newId("node", Date.now()), startedAt: Date.now(), version: "1", host: "h", mode: "all" },
      clock,
      settle: (journal) =>
        recover(journal, {
          priceOf: () => undefined,
          clock,
          onUnpriced: () => undefined,
          onSetAside: ({ requestId }) => told.push(requestId),
        }),
      onFailure: (message) => told.push(message),
      onRefused: ({ reason }) => told.push(reason),
      closed: new Map(),
    };
    return {
      store,
      told,
      adopt: () => adoptJournals(options),
      later: (ms: number) => (aheadMs += ms),
      /** As another process, which knows nothing yet. */
      startAnew: () => options.closed.clear(),
      path: (nodeId: string) => join(folder, "journals", `${nodeId}.db`),
      journals: () => readdirSync(join(folder, "journals")).filter((name) => name.endsWith(".db")),
      files: () => readdirSync(join(folder, "journals")),
      register: (id: string) => new Nodes(store.run).register({ ...options.node, id }),
      /** Puts copies of the journals in their place. */
      copyJournals: () => {
        const journals = join(folder, "journals");
        cpSync(journals, `${journals}-copy`, { recursive: true });
        renameSync(journals, `${journals}-former`);
        renameSync(`${journals}-copy`, journals);
      },
      /** A journal of another process. */
      journal() {
        const file = openJournalFile(newId("node", Date.now()), files);
        if (file === undefined) throw new Error("a new journal is held");
        return { file, journal: journalOf(file) };
      },
      async usage() {
        const found = await listUsage(store.read, { level: "platform" }, {}, { limit: 100 });
        return found.map(({ requestId, status }) => `${requestId} ${status}`).toSorted();
      },
    };
  }

  function journalOf(file: JournalFile): SqliteJournal {
    return new SqliteJournal({
      writer: file.writer,
      clock: systemClock,
      nodeId: file.nodeId,
      intents: file.intents,
      settlements: new Outbox(file.writer, systemClock),
    });
  }

  // The samples name prices that no store has: these are free.
  const free = () => {
    const { priceVersionId: _, costVersionId: __, ...rest } = intent();
    return rest;
  };

  test("are taken over once: what was open is settled, what was settled arrives, held ones are left alone", async () => {
    const world = await open();
    const [dead, alive] = [world.journal(), world.journal()];
    const [done, cut, running] = [free(), free(), free()];
    await Promise.all([dead.journal.intend(done), dead.journal.intend(cut), alive.journal.intend(running)]);
    await dead.journal.settle(settlement(done));
    await dead.journal.close();
    await dead.file.close();
    expect(await world.adopt()).toEqual([{ nodeId: dead.file.nodeId, settled: 1 }]);
    const expected = [`${done.requestId} completed`, `${cut.requestId} interrupted`].toSorted();
    expect(await world.usage()).toEqual(expected);
    expect(await world.adopt()).toEqual([]);
    expect(await world.usage()).toEqual(expected);
    const [row] = await world.store.run("select closed_at from nodes where id = $1", [dead.file.nodeId]);
    expect(row?.["closed_at"]).toBeGreaterThan(0n);
    expect(world.told).toEqual([]);
    await alive.journal.close();
    await alive.file.close();
    await world.store.close();
  });

  test("stay for a day after the store has taken the last of them, and are then removed", async () => {
    const world = await open();
    const { file, journal } = world.journal();
    const done = free();
    await journal.intend(done);
    await journal.settle(settlement(done));
    await journal.close();
    await file.close();
    await world.adopt();
    world.later(23 * HOUR_MS);
    await world.adopt();
    expect(world.journals()).toHaveLength(1);
    world.later(2 * HOUR_MS);
    await world.adopt();
    expect(world.files()).toEqual([]);
    expect(await world.usage()).toHaveLength(1);
    await world.store.close();
  });

  test("with which all is done are not opened again, by nobody who starts, while the store has what they hold", async () => {
    const world = await open();
    const { file, journal } = world.journal();
    const done = free();
    await journal.intend(done);
    await journal.settle(settlement(done));
    await journal.close();
    await file.close();
    await world.adopt();
    // Whoever opens it writes to it: damage to it is not seen by somebody who does not.
    truncateSync(world.path(file.nodeId), 100);
    world.startAnew();
    expect(await world.adopt()).toEqual([]);
    expect([world.told, world.journals().length]).toEqual([[], 1]);
    // A store that was set back is sent it again, so it has to be opened.
    await world.store.run("update nodes set last_seq = 0", []);
    world.startAnew();
    await world.adopt();
    expect(world.told.join()).toContain("cannot be taken over");
    await world.store.close();
  });

  test("in which nothing was ever settled go at once: a process that dies at each start does not leave thousands", async () => {
    const world = await open();
    for (let n = 0; n < 3; n++) {
      const { file, journal } = world.journal();
      await journal.close();
      await file.close();
      await world.adopt();
      expect(world.files()).toEqual([]);
    }
    await world.store.close();
  });

  test("in which a settlement cannot be taken are kept, their node too, until it can be", async () => {
    const world = await open();
    const { file, journal } = world.journal();
    const [good, bad] = [free(), free()];
    await Promise.all([journal.intend(bad), journal.intend(good)]);
    file.writer
      .statement(
        `create trigger refuse before insert on settlements when new.request_id = '${bad.requestId}' ` +
          "begin select raise(abort, 'no such row'); end",
      )
      .all([]);
    await journal.close();
    await file.close();
    const isClosed = async () => {
      const [row] = await world.store.run("select closed_at from nodes where id = $1", [file.nodeId]);
      return row?.["closed_at"] !== null;
    };
    expect(await world.adopt()).toEqual([{ nodeId: file.nodeId, settled: 1 }]);
    expect(await world.usage()).toEqual([`${good.requestId} interrupted`]);
    expect([world.told, await isClosed()]).toEqual([[bad.requestId], false]);
    // Longer than a journal with which all is done is kept.
    world.later(49 * HOUR_MS);
    await world.adopt();
    expect(world.journals()).toHaveLength(1);
    const left = new Database(world.path(file.nodeId));
    left.run("drop trigger refuse");
    left.close();
    world.startAnew();
    expect(await world.adopt()).toEqual([{ nodeId: file.nodeId, settled: 1 }]);
    expect(await world.usage()).toHaveLength(2);
    expect(await isClosed()).toBe(true);
    await world.store.close();
  });

  test("that are copies are left alone while the store hears of their node, and taken over once it is silent", async () => {
    const world = await open();
    const { file, journal } = world.journal();
    const running = free();
    await world.register(file.nodeId);
    await journal.intend(running);
    await journal.close();
    await file.close();
    world.copyJournals();
    expect(await world.adopt()).toEqual([]);
    expect(await world.usage()).toEqual([]);
    await world.store.run("update nodes set heard_at = heard_at - 11000", []);
    expect(await world.adopt()).toEqual([{ nodeId: file.nodeId, settled: 1 }]);
    expect(await world.usage()).toEqual([`${running.requestId} interrupted`]);
    await world.store.close();
  });

  test("that a newer release has left are told of and stay as they are", async () => {
    const world = await open();
    const { file, journal } = world.journal();
    file.writer.statement("pragma user_version = 99").all([]);
    await journal.close();
    await file.close();
    expect(await world.adopt()).toEqual([]);
    expect(world.told.join()).toContain("left by a newer release");
    expect(world.journals()).toHaveLength(1);
    await world.store.close();
  });
});
