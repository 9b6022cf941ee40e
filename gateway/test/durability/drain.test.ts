import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { FakeProcess } from "./fake-process.ts";
import { chargedFairly, readLedger, settledOnce } from "./records.ts";
import { Swarm } from "./swarm.ts";

const STREAMS = 200;
const ENDLESS = "fake-ok?tokens=100000&ms=200";
const UNLIMITED = "key:0,user:0,tenant:0,partner:0";

describe("a shutdown with streams open", () => {
  let fake: FakeProcess;
  let gateway: Gateway | undefined;
  beforeAll(async () => {
    fake = await FakeProcess.start();
  });
  afterEach(async () => {
    await gateway?.dispose();
    gateway = undefined;
  });
  afterAll(() => fake.stop());

  /** A gateway with that drain time and open streams that have begun. */
  async function streaming(
    name: string,
    drainSeconds: number,
    plan: string,
  ): Promise<{ gateway: Gateway; swarm: Swarm }> {
    const made = await startGateway({
      env: { SCAIGRID_RATE_LIMITS: UNLIMITED, SCAIGRID_DRAIN_SECONDS: String(drainSeconds) },
    });
    gateway = made;
    const { slug } = await addFakeBackend(made, fake);
    const swarm = new Swarm(name, STREAMS);
    await swarm.open(made, slug, plan);
    await swarm.until("tokens", () => swarm.withTokens(3) === STREAMS);
    return { gateway: made, swarm };
  }

  /** Each stream has had one error event and one end, and one record that is true to what it got. */
  async function expectEndedFairly(folder: string, swarm: Swarm): Promise<void> {
    await swarm.until("ends of all connections", () => swarm.ended === STREAMS);
    for (const stream of swarm.streams) {
      expect([stream.errorCodes, stream.doneCount]).toEqual([["SHUTTING_DOWN"], 1]);
    }
    const ledger = readLedger(folder);
    expect(settledOnce(ledger, swarm.streams)).toEqual([]);
    expect(chargedFairly(ledger, swarm.streams, await fake.takeTruth())).toEqual([]);
    expect([...ledger.usage.values()].every(([record]) => record?.status === "failed")).toBe(true);
  }

  test("when the drain time is over every stream gets one error event and its end, is settled once, and the exit is clean", async () => {
    const { gateway, swarm } = await streaming("drain", 1, ENDLESS);
    await gateway.terminate(); // throws unless the exit code is 0
    await expectEndedFairly(gateway.dataDir, swarm);
  });

  test("a second signal cuts a long drain short, and nothing is lost by it", async () => {
    const { gateway, swarm } = await streaming("hurried", 600, ENDLESS);
    process.kill(gateway.pid, "SIGTERM");
    const { output } = gateway;
    await output.until("drain", () => output.logs.find((log) => log["event"] === "draining"), 5_000);
    // One wish may arrive as two signals within half a second; whoever insists is heard after that.
    const insisting = setInterval(() => process.kill(gateway.pid, "SIGTERM"), 100);
    try {
      await output.until("cut", () => output.logs.find((log) => log["event"] === "drain_cut_short"), 5_000);
    } finally {
      clearInterval(insisting);
    }
    await gateway.exited();
    await expectEndedFairly(gateway.dataDir, swarm);
  });

  test("streams that end within the drain time end as ever", async () => {
    const { gateway, swarm } = await streaming("patient", 60, "fake-ok?tokens=6&gate=drained&gate_after=3");
    process.kill(gateway.pid, "SIGTERM");
    const { output } = gateway;
    await output.until("drain", () => output.logs.find((log) => log["event"] === "draining"), 5_000);
    await fake.openGate("drained");
    await gateway.exited();
    await swarm.until("ends of all connections", () => swarm.ended === STREAMS);
    for (const stream of swarm.streams) {
      expect([stream.errorCodes, stream.doneCount, stream.tokens]).toEqual([[], 1, 6]);
    }
    const ledger = readLedger(gateway.dataDir);
    expect(settledOnce(ledger, swarm.streams)).toEqual([]);
    expect([...ledger.usage.values()].every(([record]) => record?.status === "completed")).toBe(true);
    await fake.takeTruth();
  });
});
