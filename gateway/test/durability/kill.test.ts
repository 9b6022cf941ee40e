import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { startGateway } from "../harness/gateway.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { FakeProcess } from "./fake-process.ts";
import { readLedger } from "./records.ts";
import type { Ledger } from "./records.ts";
import { Swarm } from "./swarm.ts";

/** More rounds: `SCAIGRID_TEST_ROUNDS=20 npm test -- gateway/test/durability`. */
const ROUNDS = Number(process.env["SCAIGRID_TEST_ROUNDS"] ?? 4);
const STREAMS = 1_000;
/** Milliseconds of a stream that a crash may cost. */
const LOSS_MS = 1_000;
const ROUND_MS_MAX = 40_000;
/** After so long a start has nothing (more) to recover. */
const RECOVERY_MS_MAX = 2_000;
/** What the settlements of a thousand requests add to the write-ahead log, roughly. */
const RECOVERY_LOG_BYTES = 1_000_000;
/** Tokens that every stream gets at once before it waits for the gate, and after it. */
const BEFORE_GATE = 10;
const AFTER_GATE = 3;
const PACED = "fake-ok?tokens=400&ms=300";

/** When a round's process dies. */
type Moment = "streaming" | "settling" | "admitting";
const MOMENTS: readonly Moment[] = ["streaming", "settling", "admitting", "streaming"];

/** What is known of each request of all rounds from outside the gateway. */
interface Known {
  /** Tokens the client had received LOSS_MS before its gateway died. */
  readonly received: Map<string, number>;
  /** Tokens the client had received in the end. */
  readonly seen: Map<string, number>;
  /** Tokens the upstream sent. */
  readonly sent: Map<string, number>;
  /** Requests the client saw the end of. */
  readonly completed: Set<string>;
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * Resolves while a starting gateway writes its recovered settlements: opening empties the write-ahead log, and
 * the recovery is the first to write to it again. `logBytes` says how far it may get.
 */
async function recoveryWrites(folder: string, logBytes: number): Promise<void> {
  const log = join(folder, "scaigrid.db-wal");
  const bytes = () => statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const deadline = performance.now() + RECOVERY_MS_MAX;
  while (bytes() > 0 && performance.now() < deadline) await turn();
  while (bytes() < logBytes && performance.now() < deadline) await turn();
}

async function reach(moment: Moment, round: number, swarm: Swarm, fake: FakeProcess): Promise<void> {
  if (moment === "admitting") {
    const first = 1 + Math.floor(Math.random() * (STREAMS / 2));
    return swarm.until("first tokens", () => swarm.withTokens(1) >= first);
  }
  if (moment === "streaming") {
    const tokens = 6 + (round % 3);
    return swarm.until("tokens", () => swarm.withTokens(tokens) >= STREAMS / 2);
  }
  await swarm.until("tokens before the gate", () => swarm.withTokens(BEFORE_GATE) === STREAMS);
  // Time itself is what is tested: from here on these tokens are older than what a crash may cost.
  await Bun.sleep(LOSS_MS);
  const last = 1 + Math.floor(Math.random() * (STREAMS - 1));
  const ending = swarm.until("ends", () => swarm.completed >= last);
  await Promise.all([ending, fake.openGate(`round-${round}`)]);
}

function planOf(moment: Moment, round: number): string {
  if (moment !== "settling") return PACED;
  return `fake-ok?tokens=${BEFORE_GATE + AFTER_GATE}&gate=round-${round}&gate_after=${BEFORE_GATE}`;
}

/** The requests whose records are not as they must be. */
function faults(ledger: Ledger, known: Known): string[] {
  const found: string[] = [];
  for (const [label, settled] of ledger.usage) {
    const charged = settled[0]?.tokensOut ?? -1;
    const received = known.received.get(label) ?? 0;
    const sent = known.sent.get(label) ?? 0;
    const status = settled[0]?.status;
    if (settled.length !== 1) found.push(`${label}: ${settled.length} records`);
    else if (charged < received) found.push(`${label}: ${charged} charged, ${received} received (${status})`);
    else if (charged > sent) found.push(`${label}: ${charged} charged, ${sent} sent (${status})`);
    if (known.completed.has(label) && (status !== "completed" || charged !== known.seen.get(label)))
      found.push(`${label}: complete for the client, ${status} with ${charged} tokens in the record`);
    if (!known.received.has(label)) found.push(`${label}: never asked for`);
  }
  for (const label of known.sent.keys())
    if (!ledger.usage.has(label)) found.push(`${label}: reached the upstream, has no record`);
  for (const [label, tokens] of known.seen)
    if (tokens > 0 && !ledger.usage.has(label)) found.push(`${label}: was answered, has no record`);
  return found;
}

/** How far a recovery had come. */
function recoveryStage(before: number, after: number): "untouched" | "partly" | "whole" {
  if (after === before) return "untouched";
  return after === 0 ? "whole" : "partly";
}

describe("kill -9 with a thousand streams in flight", () => {
  let fake: FakeProcess;
  let gateway: Gateway;
  let model = "";
  const known: Known = { received: new Map(), seen: new Map(), sent: new Map(), completed: new Set() };
  const stages = { killed: 0, recoveries: { untouched: 0, partly: 0, whole: 0, nothingOpen: 0 } };

  beforeAll(async () => {
    fake = await FakeProcess.start();
    gateway = await startGateway({
      env: { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" },
    });
    ({ slug: model } = await addFakeBackend(gateway, fake));
  });
  afterAll(async () => {
    await fake.stop();
    await gateway.dispose();
  });

  async function killOnce(moment: Moment, round: number): Promise<void> {
    const swarm = new Swarm(`round-${round}`, STREAMS);
    const opening = swarm.open(gateway, model, planOf(moment, round));
    await reach(moment, round, swarm, fake);
    const killedAt = performance.now();
    await gateway.kill();
    await opening;
    await swarm.until("ends of all connections", () => swarm.ended === STREAMS);
    for (const stream of swarm.streams) {
      known.received.set(stream.label, stream.tokensAt(killedAt - LOSS_MS));
      known.seen.set(stream.label, stream.tokens);
      if (stream.doneCount > 0) known.completed.add(stream.label);
    }
    await fake.untilNoConnection();
    for (const [label, tokens] of await fake.takeTruth()) known.sent.set(label, tokens);
    stages.killed++;
  }

  /** Kills the process that recovers, in the middle of it. */
  async function killRecovery(): Promise<void> {
    const before = readLedger(gateway.dataDir);
    await gateway.killInStart(() => recoveryWrites(gateway.dataDir, 1 + Math.random() * RECOVERY_LOG_BYTES));
    const after = readLedger(gateway.dataDir);
    expect(after.rows + after.intents).toBe(before.rows + before.intents);
    const stage = before.intents === 0 ? "nothingOpen" : recoveryStage(before.intents, after.intents);
    stages.recoveries[stage]++;
  }

  test(
    "leaves exactly one record per request, charged between what the client had and what the upstream sent",
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await killOnce(MOMENTS[round % MOMENTS.length] ?? "streaming", round);
        for (let cut = 0; cut <= round % 2; cut++) await killRecovery();
        await gateway.restart();
        const ledger = readLedger(gateway.dataDir);
        expect(ledger.intents).toBe(0);
        expect(faults(ledger, known).slice(0, 10)).toEqual([]);
      }
      await gateway.terminate();
      const ledger = readLedger(gateway.dataDir);
      expect(faults(ledger, known).slice(0, 10)).toEqual([]);
      console.log(
        JSON.stringify({ rounds: ROUNDS, ...stages, records: ledger.rows, answered: answered(known) }),
      );
      expect(ledger.intents).toBe(0);
      expect(ledger.rows).toBe(ledger.usage.size);
      expect(known.completed.size).toBeGreaterThan(0);
      await gateway.restart();
      const summary = await gateway.api("GET", "/v1/accounting/usage/summary?start=2000-01-01T00:00:00Z");
      expect(pick(summary.body, "data.0.request_count")).toBe(ledger.rows);
    },
    ROUNDS * ROUND_MS_MAX,
  );
});

function answered(known: Known): number {
  return [...known.seen.values()].filter((tokens) => tokens > 0).length;
}
