import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { startGateway } from "../harness/gateway.ts";
import { intent } from "../store/samples.ts";
import { start } from "../journal/records.ts";

test("a request whose price is gone is settled at no charge and told of, and holds up neither others nor the start", async () => {
  const gateway = await startGateway({ env: { SCAIGRID_DATABASE_URL: "" } });
  await gateway.terminate();
  const folder = gateway.dataDir;
  const records = await start(folder);
  const { priceVersionId: _, ...free } = intent();
  const lost = intent({ priceVersionId: "price_GONE", costVersionId: "price_LOST" });
  // Content had gone down: it would have been charged.
  await Promise.all([lost, free].map((each) => records.journal.intend(each)));
  await records.journal.checkpoint([
    { requestId: lost.requestId, backendId: lost.backendId, delivered: true, outputTokens: 7 },
  ]);
  await records.close();
  await gateway.restart();
  const told = gateway.output.logs.filter((line) => line["event"] === "price_missing");
  await gateway.terminate();
  expect(told).toMatchObject([
    {
      level: "error",
      request_id: lost.requestId,
      reason: "nobody is charged by price_GONE, price_LOST: not in the store",
    },
  ]);
  const db = new Database(join(folder, "scaigrid.db"), { readonly: true, strict: true });
  const usage = db.query("select request_id, status, tokens_out, tenant_pico, cost_pico from usage").all();
  const row = { status: "interrupted", tenant_pico: 0, cost_pico: 0 };
  expect(usage).toHaveLength(2);
  expect(usage).toContainEqual({ ...row, request_id: lost.requestId, tokens_out: 7 });
  expect(usage).toContainEqual({ ...row, request_id: free.requestId, tokens_out: 0 });
  const events = db.query("select payload from events where type = 'accounting.price_missing'").all();
  db.close();
  await gateway.dispose();
  expect(events).toEqual([{ payload: expect.stringContaining(`"request_id":"${lost.requestId}"`) }]);
});
