import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { FakeProcess } from "./fake-process.ts";
import { poll } from "./poll.ts";
import { chargedFairly, readLedger, settledOnce } from "./records.ts";
import { Swarm } from "./swarm.ts";

const STREAMS = 1_000;
/** Connections that the test itself keeps open for its questions. */
const FEW = 10;
/** Milliseconds in which all of them leave. */
const LEAVE_MS_MAX = 1_000;

describe("clients that leave all at once", () => {
  let fake: FakeProcess;
  let gateway: Gateway;
  let model = "";
  let baseDescriptors = 0;
  const descriptors = () => readdirSync(`/proc/${gateway.pid}/fd`).length;
  beforeAll(async () => {
    fake = await FakeProcess.start();
    gateway = await startGateway({ env: { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" } });
    ({ slug: model } = await addFakeBackend(gateway, fake));
    baseDescriptors = descriptors();
  });
  afterAll(async () => {
    await fake.stop();
    await gateway.dispose();
  });

  async function openStreams(): Promise<number> {
    const { text } = await gateway.api("GET", "/metrics");
    return Number(/^scaigrid_streams_open (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  }

  /** Places, calls to the upstream and connections are as many as before. */
  async function leavesNothing(): Promise<void> {
    await fake.untilNoConnection();
    const { text } = await gateway.api("GET", "/metrics");
    expect(text).toContain("scaigrid_inference_in_flight 0\n");
    expect(text).not.toMatch(/^scaigrid_backend_inflight_requests\{.*\} [1-9]/m);
    await poll("connections stay open", () => descriptors() <= baseDescriptors + FEW);
  }

  const untilNoneIsOpen = () => poll("streams stay open", async () => (await openStreams()) === 0);

  test("in the middle of their answers: nothing stays in flight, each is settled once for what it got", async () => {
    const swarm = new Swarm("middle", STREAMS);
    await swarm.open(gateway, model, "fake-ok?tokens=100000&ms=100");
    await swarm.until("tokens", () => swarm.withTokens(3) === STREAMS);
    expect(await openStreams()).toBe(STREAMS);
    const leavingMs = performance.now();
    swarm.leave();
    expect(performance.now() - leavingMs).toBeLessThan(LEAVE_MS_MAX);
    await untilNoneIsOpen();
    await leavesNothing();
    const ledger = readLedger(gateway.dataDir);
    expect(settledOnce(ledger, swarm.streams)).toEqual([]);
    expect(chargedFairly(ledger, swarm.streams, await fake.takeTruth())).toEqual([]);
    expect([...ledger.usage.values()].every(([record]) => record?.status === "client_gone")).toBe(true);
  });

  test("before any content: each is settled once for its input alone", async () => {
    const swarm = new Swarm("early", STREAMS);
    await swarm.open(gateway, model, "fake-ok?gate=never-opened");
    await poll("not every stream is open", async () => (await openStreams()) === STREAMS);
    swarm.leave();
    await untilNoneIsOpen();
    const ledger = readLedger(gateway.dataDir);
    expect(settledOnce(ledger, swarm.streams)).toEqual([]);
    for (const { label } of swarm.streams) {
      const [record] = ledger.usage.get(label) ?? [];
      expect([record?.status, record?.tokensOut]).toEqual(["client_gone", 0]);
      expect(record?.tenantPico ?? 0n).toBeGreaterThan(0n);
    }
    await fake.takeTruth();
  });
});
