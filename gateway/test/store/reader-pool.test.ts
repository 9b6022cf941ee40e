import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { StoreUnavailable, TooManyRows } from "../../src/store/errors.ts";
import { openForWriting, type SqliteConnection } from "../../src/store/sqlite/connection.ts";
import { ReaderPool, type ReaderPoolOptions } from "../../src/store/sqlite/reader-pool.ts";
import { rejection, temporaryFolder } from "./engines.ts";
import { WORKERS } from "./worker-files.ts";

const path = join(temporaryFolder(), "pool.db");
let connection: SqliteConnection;

beforeAll(() => {
  connection = openForWriting(path);
  connection.run("create table t (n integer)");
  connection.run("insert into t values (1), (9007199254740993), (3)");
});
afterAll(() => connection.close());

/** Counts to its limit one by one: about 100 ns a step. */
const count = (limit: number): string =>
  `with recursive c(n) as (select 1 union all select n + 1 from c where n < ${limit}) select count(*) as n from c`;

async function withPool(
  options: Partial<ReaderPoolOptions>,
  use: (pool: ReaderPool) => Promise<void>,
): Promise<void> {
  const defaults = {
    file: WORKERS.reader,
    path,
    threads: 1,
    waitingMax: 100,
    deadlineMs: 20_000,
    rowsMax: 10,
  };
  const pool = new ReaderPool({ ...defaults, ...options });
  try {
    await use(pool);
  } finally {
    await pool.close();
  }
}

test("integers beyond 2^53 come through whole, parameters both ways", async () => {
  await withPool({}, async (pool) => {
    expect(await pool.query("select n from t where n > ?", [3n])).toEqual([{ n: 9007199254740993n }]);
    expect(await pool.query("select ? as a, ? as b, ? as c", ["é", 2n ** 62n, null])).toEqual([
      { a: "é", b: 2n ** 62n, c: null },
    ]);
  });
});

test("nothing can be written through it", async () => {
  await withPool({}, async (pool) => {
    expect(await rejection(pool.query("insert into t values (4) returning n", []))).toBeInstanceOf(Error);
    expect(await pool.query("select count(*) as n from t", [])).toEqual([{ n: 3n }]);
  });
});

test("an answer has a limit of rows", async () => {
  await withPool({ rowsMax: 2 }, async (pool) => {
    expect(await rejection(pool.query("select n from t", []))).toBeInstanceOf(TooManyRows);
    expect((await pool.query("select n from t limit 2", [])).length).toBe(2);
  });
});

test("a query past its deadline is given up, and those after it are answered by a new thread", async () => {
  await withPool({ deadlineMs: 1_000 }, async (pool) => {
    const slow = rejection(pool.query(count(15_000_000), []));
    const behind = rejection(pool.query("select 1 as n", []));
    expect(await slow).toBeInstanceOf(StoreUnavailable);
    expect(await behind).toBeInstanceOf(StoreUnavailable);
    expect(await pool.query("select 1 as n", [])).toEqual([{ n: 1n }]);
  });
});

test("a look-up does not wait behind a report", async () => {
  await withPool({ threads: 2 }, async (pool) => {
    let reported = false;
    const report = pool.query(count(2_000_000), []).then(() => {
      reported = true;
    });
    await pool.query("select 1 as n", []);
    expect(reported).toBe(false);
    await report;
  });
});

test("the event loop runs on while a report does", async () => {
  await withPool({}, async (pool) => {
    await pool.query("select 1 as n", []);
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    await pool.query(count(2_000_000), []);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(10);
  });
});

test("more than may wait are refused at once", async () => {
  await withPool({ waitingMax: 2 }, async (pool) => {
    const answers = Array.from({ length: 5 }, () =>
      pool.query("select 1 as n", []).then(
        () => "answered",
        (error: unknown) => (error instanceof StoreUnavailable ? "refused" : String(error)),
      ),
    );
    // One runs, two wait.
    expect(await Promise.all(answers)).toEqual(["answered", "answered", "answered", "refused", "refused"]);
  });
});

test("a wrong query fails alone, an unreadable database as an outage, a closed pool at once", async () => {
  await withPool({}, async (pool) => {
    expect(await rejection(pool.query("selec", []))).not.toBeInstanceOf(StoreUnavailable);
    expect((await pool.query("select n from t", [])).length).toBe(3);
  });
  await withPool({ path: join(path, "nowhere") }, async (pool) => {
    expect(await rejection(pool.query("select 1 as n", []))).toBeInstanceOf(StoreUnavailable);
  });
  const closed = new ReaderPool({
    file: WORKERS.reader,
    path,
    threads: 1,
    waitingMax: 1,
    deadlineMs: 1,
    rowsMax: 1,
  });
  await closed.close();
  expect(await rejection(closed.query("select 1 as n", []))).toBeInstanceOf(StoreUnavailable);
});

test("a thread that dies fails its query and is replaced", async () => {
  const file = join(temporaryFolder(), "dying.ts");
  // Dies on the first query, and is an ordinary reader when started again.
  await Bun.write(
    file,
    `import ${JSON.stringify(WORKERS.reader)};
     import { existsSync, writeFileSync } from "node:fs";
     const mark = ${JSON.stringify(`${file}.died`)};
     const reader = self.onmessage;
     self.onmessage = (event) => {
       if (event.data.kind === "query" && !existsSync(mark)) {
         writeFileSync(mark, "");
         process.exit(3);
       }
       reader(event);
     };`,
  );
  await withPool({ file }, async (pool) => {
    expect(await rejection(pool.query("select 1 as n", []))).toBeInstanceOf(StoreUnavailable);
    expect(await pool.query("select 1 as n", [])).toEqual([{ n: 1n }]);
  });
});

test("the control plane is answered while reports hold every thread, and ahead of those that wait", async () => {
  await withPool({ threads: 2 }, async (pool) => {
    let reportsAnswered = 0;
    const reports = [1, 2, 3].map(async () => {
      await pool.query(count(5_000_000), []);
      reportsAnswered++;
    });
    expect(await pool.query("select 1 as n", [], "control")).toEqual([{ n: 1n }]);
    expect(reportsAnswered).toBe(0);
    await Promise.all(reports);
  });
});
