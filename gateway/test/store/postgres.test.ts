import { expect, test } from "bun:test";
import { SQL } from "bun";
import { systemClock } from "../../src/base/clock.ts";
import { changesSince } from "../../src/store/changes/reader.ts";
import { createModel } from "../../src/store/catalogue/writer.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { DatabaseUnusable } from "../../src/store/postgres/unusable.ts";
import { openPostgresStore } from "../../src/store/postgres/open.ts";
import { describePart } from "../parts.ts";
import { addressOf, postgresEngine, rejection } from "./engines.ts";
import { AT, model } from "./samples.ts";

test("a server that does not answer is an outage, not a bug", async () => {
  const address = addressOf("postgres://app:canary-secret@127.0.0.1:1/none");
  const opening = openPostgresStore({ address, clock: systemClock, poolSize: 1, pooler: false });
  const error = await rejection(opening);
  expect(error).toBeInstanceOf(DatabaseUnusable);
  expect(String(error)).toContain("127.0.0.1:1");
  expect(String(error)).not.toContain("canary-secret");
});

describePart("postgres", "PostgreSQL", (server) => {
  const engine = postgresEngine(server);

  test("whoever follows the change log while several nodes write misses nothing", async () => {
    const stores = [await engine.open(), await engine.again(), await engine.again()];
    const reader = await engine.again();
    const written: string[] = [];
    let writing = true;
    const follow = async (): Promise<string[]> => {
      const seen: string[] = [];
      let seq = 0n;
      for (let last = false; ;) {
        const { changes, lastSeq } = await changesSince(reader.read, seq, 10);
        seen.push(...changes.map((change) => change.entityId));
        seq = lastSeq;
        if (changes.length === 0 && last) return seen;
        last = !writing && changes.length === 0;
      }
    };
    const following = follow();
    await Promise.all(
      stores.flatMap((store) =>
        [0, 1].map(async () => {
          for (let i = 0; i < 25; i++) {
            const one = model();
            await store.commit(createModel(one, AT));
            written.push(one.id);
          }
        }),
      ),
    );
    writing = false;
    const seen = await following;
    expect(seen.length).toBe(150);
    expect(new Set(seen)).toEqual(new Set(written));
    for (const store of [...stores, reader]) await store.close();
  });

  test("connections cut by the server are replaced without a restart", async () => {
    const store = await engine.open();
    const admin = new SQL(server, { max: 1 });
    await store.commit(createModel(model(), AT));
    // Of this database alone: other tests use the server too.
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${engine.database()}`;
    await admin.close();
    // Each of the four pooled connections may be met once before its end is noticed: an outage, then all is well.
    let failures = 0;
    for (let committed = false; !committed;) {
      try {
        await store.commit(createModel(model(), AT));
        committed = true;
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || ++failures > 4) throw error;
      }
    }
    await store.close();
  });
});
