import { afterAll, beforeAll, expect, test } from "bun:test";
import { MESSAGES, SANDBOX } from "../api/started.ts";
import { callApi } from "../harness/api.ts";
import { withDatabase } from "../harness/database.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { type Cluster, startCluster } from "./cluster.ts";

const WAIT_MS_MAX = 15_000;

describePart("postgres", "processes that serve, and processes that work", () => {
  let cluster: Cluster;
  let worker: Gateway;
  beforeAll(async () => {
    cluster = await startCluster(1, undefined, { SCAIGRID_MODE: "http" });
  });
  afterAll(() => cluster.stop());

  const rows = (text: string): Promise<unknown> =>
    withDatabase(cluster.database.url, (database) => database.unsafe(text));
  /** Resolves once that query says yes. */
  async function until(text: string, path: string): Promise<void> {
    const deadline = performance.now() + WAIT_MS_MAX;
    while (pick(await rows(text), path) !== true) {
      expect(performance.now()).toBeLessThan(deadline);
      await Bun.sleep(50);
    }
  }
  const onDuty = () => rows("select mode from duties join nodes on nodes.id = duties.node_id");

  test("one that serves takes no duty; one that works seals what was done before", async () => {
    const http = cluster.node(0);
    const made = await http.api("POST", "/v1/tenants", {
      body: { slug: "modes", display_name: "M", partner_id: await partnerId(http) },
    });
    expect(made.status).toBe(201);
    expect(await onDuty()).toHaveLength(0);
    worker = await cluster.join({ env: { SCAIGRID_MODE: "worker" } });
    expect(pick(await onDuty(), "0.mode")).toBe("worker");
    const open =
      "select count(*) = 0 as none from audit_log where id not in (select audit_id from audit_chain)";
    await until(open, "0.none");
  });

  test("one that works answers probes and scrapers, and tells callers where to go", async () => {
    const body = { model: SANDBOX, messages: MESSAGES };
    const key = cluster.firstKey;
    const refused = await fetch(`${worker.url}/v1/inference/chat`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    expect(refused.status).toBe(404);
    expect(pick(await refused.json(), "error.hint")).toContain("SCAIGRID_MODE=http");
    for (const path of ["/health", "/health/ready"]) {
      expect((await callApi(worker.url, "GET", path, {})).status).toBe(200);
    }
    expect(await (await fetch(`${worker.url}/metrics`)).text()).toContain("scaigrid_event_loop_lag_seconds");
    expect((await cluster.node(0).api("POST", "/v1/inference/chat", { key, body })).status).toBe(200);
    // Nobody is sent to it: neither the command line on its machine nor the first administrator.
    expect(worker.output.text).not.toContain("/claim");
  });

  test("the duty goes to another when its holder is silent, and at once when it stops", async () => {
    const second = await cluster.join({ env: { SCAIGRID_MODE: "worker" } });
    await worker.kill();
    await rows("update duties set until = 0");
    await until("select until > 0 as held from duties", "0.held");
    await second.terminate();
    expect(await onDuty()).toHaveLength(0);
  });
});

async function partnerId(node: Gateway): Promise<unknown> {
  return pick((await node.api("GET", "/v1/partners")).body, "data.items.0.id");
}
