import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { FakeProcess } from "./fake-process.ts";
import { poll } from "./poll.ts";
import { chargedFairly, readLedger, settledOnce } from "./records.ts";
import { Swarm } from "./swarm.ts";

const STREAMS = 20;
const WAIT_MS_MAX = 10_000;

/** Another process that holds the database for a moment: a backup tool, an administrator's shell. */
class Intruder {
  readonly #db: Database;

  constructor(folder: string) {
    this.#db = new Database(join(folder, "scaigrid.db"), { strict: true });
    this.#db.run("pragma busy_timeout = 5000");
    this.#db.run("begin immediate");
  }

  leave(): void {
    this.#db.run("rollback");
    this.#db.close();
  }
}

describe("a journal that cannot be written for a moment", () => {
  let fake: FakeProcess;
  let gateway: Gateway;
  let model = "";
  beforeAll(async () => {
    fake = await FakeProcess.start();
    gateway = await startGateway({ env: { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" } });
    ({ slug: model } = await addFakeBackend(gateway, fake));
  });
  afterAll(async () => {
    await fake.stop();
    await gateway.dispose();
  });

  function chat(label: string, more: object = {}) {
    const messages = [{ role: "user", content: label }];
    const body = { model, messages, metadata: { label }, fake: "fake-ok?tokens=5", ...more };
    return gateway.api("POST", "/v1/inference/chat", { key: gateway.firstKey, body });
  }

  /** How the log tells that a request ended. */
  async function logged(requestId: string): Promise<unknown[]> {
    const { output } = gateway;
    const isOf = (log: Record<string, unknown>) =>
      log["event"] === "request" && log["request_id"] === requestId;
    const log = await output.until("record", () => output.logs.find(isOf), WAIT_MS_MAX);
    return [log["status"], log["code"]];
  }

  const readiness = async () => (await gateway.api("GET", "/health/ready")).status;
  const untilSettled = (rows: number) =>
    poll("not every request is settled", () => readLedger(gateway.dataDir).rows === rows);

  test("refuses with 503 before any upstream is called, is not ready, and comes back by itself", async () => {
    expect((await chat("before")).status).toBe(200);
    await fake.takeTruth();
    const intruder = new Intruder(gateway.dataDir);
    try {
      for (const stream of [false, true]) {
        const refused = await chat("during", { stream });
        expect(refused.status).toBe(503);
        expect(pick(refused.body, "error.code")).toBe("DEPENDENCY_UNAVAILABLE");
        expect(pick(refused.body, "error.retry_after")).toBe(1);
      }
      expect(await readiness()).toBe(503);
      expect((await gateway.api("GET", "/health")).status).toBe(200);
    } finally {
      intruder.leave();
    }
    expect((await fake.takeTruth()).size).toBe(0);
    await poll("readiness does not come back", async () => (await readiness()) === 200);
    expect((await chat("after")).status).toBe(200);
    const ledger = readLedger(gateway.dataDir);
    expect([...ledger.usage.keys()].sort()).toEqual(["after", "before"]);
    expect(ledger.intents).toBe(0);
    await fake.takeTruth();
  });

  test("never ends a stream as complete that it cannot settle, and settles it once the journal is back", async () => {
    const before = readLedger(gateway.dataDir).rows;
    const swarm = new Swarm("locked", STREAMS);
    await swarm.open(gateway, model, "fake-ok?tokens=12&gate=locked&gate_after=8");
    await swarm.until("tokens", () => swarm.withTokens(8) === STREAMS);
    const intruder = new Intruder(gateway.dataDir);
    try {
      await fake.openGate("locked");
      await swarm.until("ends", () => swarm.ended === STREAMS);
    } finally {
      intruder.leave();
    }
    for (const stream of swarm.streams) {
      expect([stream.errorCodes, stream.doneCount]).toEqual([["DEPENDENCY_UNAVAILABLE"], 1]);
    }
    await untilSettled(before + STREAMS);
    const ledger = readLedger(gateway.dataDir);
    expect(settledOnce(ledger, swarm.streams)).toEqual([]);
    expect(chargedFairly(ledger, swarm.streams, await fake.takeTruth())).toEqual([]);
    for (const { label } of swarm.streams) expect(ledger.usage.get(label)?.[0]?.status).toBe("failed");
    const [first] = swarm.streams;
    const [record] = ledger.usage.get(first?.label ?? "") ?? [];
    expect(await logged(String(record?.requestId))).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
  });

  test("charges nothing for a whole answer that was not given", async () => {
    const before = readLedger(gateway.dataDir).rows;
    const asking = chat("whole", { fake: "fake-ok?tokens=12&gate=whole" });
    await poll("the call is not held", () => readLedger(gateway.dataDir).intents === 1);
    const intruder = new Intruder(gateway.dataDir);
    try {
      await fake.openGate("whole");
      const reply = await asking;
      expect([reply.status, pick(reply.body, "error.code")]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
    } finally {
      intruder.leave();
    }
    await untilSettled(before + 1);
    const [record] = readLedger(gateway.dataDir).usage.get("whole") ?? [];
    expect(await logged(String(record?.requestId))).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
    expect([record?.status, record?.tenantPico, record?.tokensOut]).toEqual(["failed", 0n, 0]);
  });

  test("settles as failed what it refuses for its own data: nothing stays open, and nothing held", async () => {
    const before = readLedger(gateway.dataDir).rows;
    const db = new Database(join(gateway.dataDir, "scaigrid.db"), { strict: true });
    db.run("pragma busy_timeout = 5000");
    try {
      db.run(
        "create trigger refuse before insert on usage when new.status = 'completed' " +
          "begin select raise(abort, 'no such row'); end",
      );
      const reply = await chat("refused");
      expect([reply.status, pick(reply.body, "error.code")]).toEqual([503, "DEPENDENCY_UNAVAILABLE"]);
      await untilSettled(before + 1);
    } finally {
      db.run("drop trigger refuse");
      db.close();
    }
    const ledger = readLedger(gateway.dataDir);
    const [record] = ledger.usage.get("refused") ?? [];
    expect([record?.status, record?.tenantPico, ledger.intents]).toEqual(["failed", 0n, 0]);
  });

  test("what could not be settled is settled by a stop, too", async () => {
    const swarm = new Swarm("stopped", STREAMS);
    await swarm.open(gateway, model, "fake-ok?tokens=12&gate=stopped&gate_after=8");
    await swarm.until("tokens", () => swarm.withTokens(8) === STREAMS);
    const { output } = gateway;
    const before = output.logs.filter((log) => log["event"] === "journal_failed").length;
    const intruder = new Intruder(gateway.dataDir);
    swarm.leave();
    const label = "failed settlements";
    const failures = () => output.logs.filter((log) => log["event"] === "journal_failed").length - before;
    await output.until(label, () => failures() === STREAMS || undefined, WAIT_MS_MAX);
    process.kill(gateway.pid, "SIGTERM");
    await output.until("drain", () => output.logs.find((log) => log["event"] === "draining"), WAIT_MS_MAX);
    intruder.leave();
    await gateway.exited();
    expect(output.logs.filter((log) => log["event"] === "bug")).toEqual([]);
    expect(settledOnce(readLedger(gateway.dataDir), swarm.streams)).toEqual([]);
  });
});
