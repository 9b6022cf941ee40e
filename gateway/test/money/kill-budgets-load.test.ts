import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FaultUpstream } from "../fakes/fault-upstream.ts";
import { freshDatabase, type TestDatabase } from "../harness/database.ts";
import { type Gateway, startGateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { makeBudget, model, type Nodes, ROUNDS, spender, standing, tally, together } from "./rounds.ts";

const ENV = { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0" };
const ROUND_MS = 60_000;
const START_MS = 60_000;
/** Each of them is two starts: of a thousand of the others fifty. */
const KILLS = Math.ceil(ROUNDS / 20);
const LIMIT = 40;
const STREAMS = 60;

describe("kill -9 with budgets on SQLite", () =>
  proveKills(() => startGateway({ env: ENV, startTimeoutMs: START_MS })));
describePart("postgres", "kill -9 with budgets on PostgreSQL", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());
  proveKills(() =>
    startGateway({ env: { ...ENV, SCAIGRID_DATABASE_URL: database.url }, startTimeoutMs: START_MS }),
  );
});

function proveKills(start: () => Promise<Gateway>): void {
  test(
    `holds nothing afterwards, and books what the usage says, ${KILLS} times`,
    async () => {
      const fake = new FaultUpstream();
      const gateway = await start();
      const nodes: Nodes = [gateway];
      const figures = { kills: 0, spentBefore: 0, spentAfter: 0 };
      try {
        const endless = await model(nodes, fake, "fake-ok?tokens=100&ms=20");
        const quick = await model(nodes, fake, "fake-ok?tokens=100");
        for (let round = 1; round <= KILLS; round++) {
          const who = await spender(nodes);
          const ids = [
            await makeBudget(nodes, "user", who.userId, String(LIMIT / 1_000)),
            await makeBudget(nodes, "partner", who.partnerId, "1"),
          ];
          const body = { model: endless, max_tokens: 100, messages: [{ role: "user", content: "go" }] };
          const opened = await Promise.allSettled(
            Array.from({ length: STREAMS }, () => gateway.chatStream(body, { key: who.key })),
          );
          const streams = opened.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
          await streams.find(({ status }) => status === 200)?.nextContent();
          await Bun.sleep(Math.random() * 900);
          await gateway.kill();
          await gateway.restart();
          const usage = await gateway.api("GET", `/v1/accounting/usage/summary?user_id=${who.userId}`);
          const used = Math.round(Number(pick(usage.body, "data.0.total_cost") ?? 0) * 1_000_000) / 1_000;
          for (const id of ids) expect(await standing(nodes, id)).toEqual({ spent: used, reserved: 0 });
          expect(used).toBeLessThanOrEqual(LIMIT);
          // What is left is there to be used, to the last of it.
          const affordable = Math.floor(LIMIT - used);
          const seen = tally(await together(nodes, STREAMS, who, quick));
          expect(seen["200"] ?? 0).toBe(affordable);
          // Both are whole thousandths, and their sum as a floating number need not be.
          const spent = Math.round((used + affordable) * 1_000) / 1_000;
          for (const id of ids) expect(await standing(nodes, id)).toEqual({ spent, reserved: 0 });
          figures.kills++;
          figures.spentBefore += used;
          figures.spentAfter += affordable;
        }
        console.log(JSON.stringify(figures));
      } finally {
        await gateway.dispose();
        fake.stop();
      }
    },
    KILLS * ROUND_MS,
  );
}
