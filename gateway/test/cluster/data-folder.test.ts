import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, MESSAGES, SANDBOX } from "../api/started.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { describePart } from "../parts.ts";
import { scaigrid } from "../start/command.ts";
import { type Cluster, startCluster } from "./cluster.ts";

const ADOPTED_MS_MAX = 20_000;

describePart("postgres", "two processes in one data folder", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "scaigrid-shared-"));
  let cluster: Cluster;
  let one: Gateway;
  let other: Gateway;
  beforeAll(async () => {
    cluster = await startCluster(1);
    [one, other] = await Promise.all([cluster.join({ dataDir }), cluster.join({ dataDir })]);
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const journals = () => readdirSync(join(dataDir, "journals")).filter((name) => name.endsWith(".db"));
  const chat = (node: Gateway) =>
    node.api("POST", "/v1/inference/chat", {
      key: cluster.firstKey,
      body: { model: SANDBOX, messages: MESSAGES },
    });

  test("have a journal each and serve the same installation", async () => {
    expect(journals()).toHaveLength(2);
    expect((await Promise.all([chat(one), chat(other)])).map((reply) => reply.status)).toEqual([200, 200]);
  });

  test("keep a process with the store in the folder out of it", async () => {
    const ended = await scaigrid(["up"], { env: { SCAIGRID_DATA_DIR: dataDir, SCAIGRID_PORT: "0" } });
    expect(ended.code).toBe(1);
    expect(ended.err).toContain("in use by another");
  });

  test("when one is killed, the other settles what it had in flight and goes on", async () => {
    const body = {
      model: SANDBOX,
      messages: [{ role: "user", content: "word ".repeat(500) }],
      metadata: { simulate: JSON.stringify({ token_ms: 50 }) },
    };
    const stream = await one.chatStream(body, { key: cluster.firstKey });
    for (let tokens = 0; tokens < 5; tokens++) await stream.nextContent();
    await one.kill();
    const usage = await eventually(
      "interrupted record",
      () => other.api("GET", "/v1/accounting/usage?status=interrupted"),
      (reply) => pick(reply.body, "data.items.0.status") === "interrupted",
      ADOPTED_MS_MAX,
    );
    expect(pick(usage.body, "data.items.0.request_id")).toBe(stream.requestId);
    expect(pick(usage.body, "data.items.1")).toBeUndefined();
    expect((await chat(other)).status).toBe(200);
    // The file stays for a day, should the store lose what it has acknowledged.
    expect(journals()).toHaveLength(2);
    await one.restart();
    expect((await chat(one)).status).toBe(200);
  }, 40_000);
});
