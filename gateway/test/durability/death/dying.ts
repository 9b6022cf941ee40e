import { expect } from "bun:test";
import { join } from "node:path";
import { booksOf, pico } from "../../money/books.ts";
import { makeBudget, model, spender, type Spender } from "../../money/rounds.ts";
import { FaultUpstream } from "../../fakes/fault-upstream.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../harness/gateway.ts";
import { pick, pickText } from "../../harness/json.ts";
import { poll } from "../poll.ts";
import type { Ledger } from "../records.ts";
import { DEATHS, type Point } from "./points.ts";
import { type Models, type Seen, Traffic } from "./traffic.ts";
import { untilDead, unwish, wishDeath } from "./wish.ts";

const MAIN = join(import.meta.dir, "../../../src/main.ts");
const PRELOAD = join(import.meta.dir, "deaths.ts");
/** Rounds of calls in which a process that serves must come past a point so often. */
const ROUNDS_MAX = 6;
const STREAM_MS = 1_200;
const START_MS_MAX = 60_000;

/** How an engine is started on and looked at from outside. */
export interface Installation {
  readonly env: Readonly<Record<string, string>>;
  ledger(folder: string): Promise<Ledger>;
  /** Removes its store. */
  drop(): Promise<void>;
}

/** What is known of all calls from outside the gateway. */
interface Truth {
  readonly sent: number;
  readonly finished: boolean;
}

/** A gateway that dies and is started again, and what becomes of its calls. */
export class Dying {
  readonly #gateway: Gateway;
  readonly #fake: FaultUpstream;
  readonly #installation: Installation;
  readonly #file: string;
  readonly #who: Spender;
  readonly #models: Models;
  readonly #budgets: readonly string[];
  readonly #seen = new Map<string, Seen>();
  readonly #truth = new Map<string, Truth>();
  #running: Traffic[] = [];
  #round = 0;
  #deaths = 0;

  private constructor(
    gateway: Gateway,
    fake: FaultUpstream,
    installation: Installation,
    file: string,
    who: Spender,
    models: Models,
    budgets: readonly string[],
  ) {
    this.#gateway = gateway;
    this.#fake = fake;
    this.#installation = installation;
    this.#file = file;
    this.#who = who;
    this.#models = models;
    this.#budgets = budgets;
  }

  static async start(folder: string, installation: Installation): Promise<Dying> {
    const file = join(folder, "death");
    const options: GatewayOptions = {
      startTimeoutMs: START_MS_MAX,
      program: [process.execPath, "--preload", PRELOAD, MAIN],
      env: {
        ...installation.env,
        DEATH_FILE: file,
        SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0",
        // Else it starts over, without what is to be loaded before it.
        BUN_CONFIG_MAX_HTTP_REQUESTS: "65535",
      },
    };
    const fake = new FaultUpstream();
    const gateway = await startGateway(options);
    const nodes = [gateway] as const;
    const who = await spender(nodes);
    const models = { good: await model(nodes, fake, "fake-ok"), broken: await model(nodes, fake, "fake-ok") };
    const budgets = [
      await makeBudget(nodes, "user", who.userId, "1000000"),
      await makeBudget(nodes, "partner", who.partnerId, "1000000"),
    ];
    return new Dying(gateway, fake, installation, file, who, models, budgets);
  }

  /** Dies there, starts again, and demands that all is as if it had not. */
  async die(point: Point): Promise<void> {
    const pass = 1 + Math.floor(Math.random() * point.passes);
    try {
      if (point.phase === "serving") await this.#dieServing(point, pass);
      else if (point.phase === "starting") await this.#dieStarting(point, pass);
      else await this.#dieStopping(point, pass);
      await this.#gateway.restart();
      await this.#check();
      this.#deaths++;
    } catch (error) {
      throw new Error(`${point.phase}: ${DEATHS[point.death]}, pass ${pass}`, { cause: error });
    }
  }

  /** Deaths survived, the calls of all rounds, and those whose callers saw the whole answer. */
  get figures(): { readonly deaths: number; readonly calls: number; readonly whole: number } {
    const whole = [...this.#seen.values()].filter(({ complete }) => complete).length;
    return { deaths: this.#deaths, calls: this.#seen.size, whole };
  }

  /** Ends it in good order: then the ledger and the roll-ups have all that was used, to the last digit. */
  async finish(): Promise<void> {
    await this.#gateway.terminate();
    const { usage, ledger, rolledUp } = await booksOf(this.#gateway, this.#who.tenantId);
    expect(ledger).toEqual(usage);
    expect(rolledUp).toBe(usage.sale);
    expect(usage.sale).toBeGreaterThan(0n);
  }

  async dispose(): Promise<void> {
    await this.#gateway.dispose();
    await this.#installation.drop();
    this.#fake.stop();
  }

  async #dieServing({ death }: Point, pass: number): Promise<void> {
    wishDeath(this.#file, death, pass);
    const dead = untilDead(this.#file).then(() => "dead");
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const traffic = this.#traffic();
      // Long enough for two checkpoints.
      setTimeout(() => traffic.release(), STREAM_MS);
      if ((await Promise.race([traffic.over, dead])) === "dead") break;
    }
    await dead;
    await this.#buried();
  }

  async #dieStarting({ death }: Point, pass: number): Promise<void> {
    await this.#traffic().begun();
    await this.#gateway.kill();
    wishDeath(this.#file, death, pass);
    await this.#gateway.killInStart(() => untilDead(this.#file));
    await this.#buried();
  }

  async #dieStopping({ death }: Point, pass: number): Promise<void> {
    const traffic = this.#traffic();
    await traffic.begun();
    wishDeath(this.#file, death, pass);
    process.kill(this.#gateway.pid, "SIGTERM");
    traffic.release();
    await untilDead(this.#file);
    await this.#buried();
  }

  #traffic(): Traffic {
    const traffic = new Traffic(
      this.#gateway,
      this.#fake.gates,
      this.#who.key,
      this.#models,
      `round-${this.#round++}`,
    );
    this.#running.push(traffic);
    return traffic;
  }

  /** The process is gone, its callers know, and its upstream does. */
  async #buried(): Promise<void> {
    unwish(this.#file);
    if (this.#gateway.isRunning) await this.#gateway.kill();
    for (const { over, seen } of this.#running) {
      await over;
      for (const each of seen) this.#seen.set(each.label, each);
    }
    this.#running = [];
    await poll("connections to the upstream stay open", () => this.#fake.connections === 0);
    for (const { body, tokensSent, finished } of this.#fake.log.records) {
      const label = pickText(body, "messages.0.content");
      const before = this.#truth.get(label);
      this.#truth.set(label, { sent: tokensSent + (before?.sent ?? 0), finished });
    }
    this.#fake.clear();
  }

  async #check(): Promise<void> {
    const standings = await Promise.all(this.#budgets.map((id) => this.#standing(id)));
    const ledger = await this.#installation.ledger(this.#gateway.dataDir);
    expect(ledger.intents).toBe(0);
    expect(this.#faults(ledger).slice(0, 10)).toEqual([]);
    const rows = [...ledger.usage.values()].flat();
    const spent = rows.reduce((sum, { tenantPico }) => sum + tenantPico, 0n);
    const delivered = rows.filter(({ delivered: was }) => was).length;
    for (const standing of standings) {
      expect(standing).toEqual({ spent, requests: delivered, reserved: 0n, requestsReserved: 0 });
    }
    const path = `/v1/accounting/usage/summary?group_by=user&user_id=${this.#who.userId}&start=2000-01-01T00:00:00Z`;
    const summary = await this.#gateway.api("GET", path);
    expect(pico(pick(summary.body, "data.0.total_cost"))).toBe(spent);
  }

  async #standing(id: string) {
    const { body } = await this.#gateway.api("GET", `/v1/accounting/budgets/${id}`);
    return {
      spent: pico(pick(body, "data.spent.cost")),
      requests: Number(pick(body, "data.spent.requests")),
      reserved: pico(pick(body, "data.reserved.cost")),
      requestsReserved: Number(pick(body, "data.reserved.requests")),
    };
  }

  /** The requests whose records are not as they must be. */
  #faults({ usage }: Ledger): string[] {
    const found: string[] = [];
    for (const [label, records] of usage) {
      const [record] = records;
      const seen = this.#seen.get(label);
      if (records.length !== 1 || record === undefined || seen === undefined) {
        found.push(`${label}: ${records.length} records of ${seen === undefined ? "nobody" : "a call"}`);
        continue;
      }
      const { sent, finished } = this.#truth.get(label) ?? { sent: 0, finished: false };
      const { status, tokensOut } = record;
      if (tokensOut > sent) found.push(`${label}: ${tokensOut} charged, ${sent} sent (${status})`);
      if (
        seen.complete &&
        !(status === "completed" && finished && tokensOut === sent && seen.tokens === sent)
      )
        found.push(
          `${label}: whole for its caller with ${seen.tokens}, ${status} with ${tokensOut} of ${sent}`,
        );
    }
    for (const label of this.#truth.keys())
      if (!usage.has(label)) found.push(`${label}: reached the upstream, has no record`);
    for (const { label, tokens } of this.#seen.values())
      if (tokens > 0 && !usage.has(label)) found.push(`${label}: was answered, has no record`);
    return found;
  }
}
