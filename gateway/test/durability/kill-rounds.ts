import { expect } from "bun:test";
import { addFakeBackend } from "../harness/fake-backend.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pick } from "../harness/json.ts";
import { FakeProcess } from "./fake-process.ts";
import { poll } from "./poll.ts";
import type { Ledger } from "./records.ts";
import { Swarm } from "./swarm.ts";

const STREAMS = 1_000;
/** Milliseconds of a stream that a crash may cost. */
const LOSS_MS = 1_000;
/** Milliseconds of a round. */
export const ROUND_MS_MAX = 40_000;
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

/** A gateway to be killed, and what is on record of its requests. */
export interface Victim {
  readonly gateway: Gateway;
  /** Looks from outside, whether or not the gateway runs. */
  ledger(): Promise<Ledger>;
  /** Resolves somewhere in the midst of the recovery of a start. */
  recovering(): Promise<void>;
  /** Removes what it has left. */
  dispose(): Promise<void>;
}

/** The rounds of one victim. */
class Rounds {
  readonly #victim: Victim;
  readonly #fake: FakeProcess;
  readonly #model: string;
  readonly #known: Known = {
    received: new Map(),
    seen: new Map(),
    sent: new Map(),
    completed: new Set(),
  };
  readonly #stages = { killed: 0, recoveries: { untouched: 0, partly: 0, whole: 0, nothingOpen: 0 } };

  constructor(victim: Victim, fake: FakeProcess, model: string) {
    this.#victim = victim;
    this.#fake = fake;
    this.#model = model;
  }

  async run(rounds: number): Promise<void> {
    const { gateway } = this.#victim;
    for (let round = 0; round < rounds; round++) {
      await this.#kill(MOMENTS[round % MOMENTS.length] ?? "streaming", round);
      for (let cut = 0; cut <= round % 2; cut++) await this.#killRecovery();
      await gateway.restart();
      await this.#check();
    }
    await gateway.terminate();
    const ledger = await this.#check();
    const answered = [...this.#known.seen.values()].filter((tokens) => tokens > 0).length;
    console.log(JSON.stringify({ rounds, ...this.#stages, records: ledger.rows, answered }));
    expect(ledger.rows).toBe(ledger.usage.size);
    expect(this.#known.completed.size).toBeGreaterThan(0);
    await gateway.restart();
    await poll("the usage that is reported is not the usage on record", async () => {
      const path = "/v1/accounting/usage/summary?start=2000-01-01T00:00:00Z";
      const summary = await gateway.api("GET", path);
      return pick(summary.body, "data.0.request_count") === ledger.rows;
    });
  }

  async #check(): Promise<Ledger> {
    const ledger = await this.#victim.ledger();
    expect(ledger.intents).toBe(0);
    expect(faults(ledger, this.#known).slice(0, 10)).toEqual([]);
    return ledger;
  }

  async #kill(moment: Moment, round: number): Promise<void> {
    const { gateway } = this.#victim;
    const { received, seen, sent, completed } = this.#known;
    const swarm = new Swarm(`round-${round}`, STREAMS);
    const opening = swarm.open(gateway, this.#model, planOf(moment, round));
    await reach(moment, round, swarm, this.#fake);
    const killedAt = performance.now();
    await gateway.kill();
    await opening;
    await swarm.until("ends of all connections", () => swarm.ended === STREAMS);
    for (const stream of swarm.streams) {
      received.set(stream.label, stream.tokensAt(killedAt - LOSS_MS));
      seen.set(stream.label, stream.tokens);
      if (stream.doneCount > 0) completed.add(stream.label);
    }
    await this.#fake.untilNoConnection();
    for (const [label, tokens] of await this.#fake.takeTruth()) sent.set(label, tokens);
    this.#stages.killed++;
  }

  /** Kills the process that recovers, in the middle of it. */
  async #killRecovery(): Promise<void> {
    const before = await this.#victim.ledger();
    await this.#victim.gateway.killInStart(() => this.#victim.recovering());
    const after = await this.#victim.ledger();
    expect(after.rows + after.intents).toBe(before.rows + before.intents);
    const stage = before.intents === 0 ? "nothingOpen" : recoveryStage(before.intents, after.intents);
    this.#stages.recoveries[stage]++;
  }
}

/**
 * Kills a gateway again and again, with a thousand streams in flight and while it recovers, and expects exactly one
 * record per request each time, charged between what the client had and what the upstream sent.
 */
export async function proveKills(rounds: number, start: () => Promise<Victim>): Promise<void> {
  const fake = await FakeProcess.start();
  const victim = await start();
  try {
    const { slug } = await addFakeBackend(victim.gateway, fake);
    await new Rounds(victim, fake, slug).run(rounds);
  } finally {
    await fake.stop();
    await victim.dispose();
  }
}
