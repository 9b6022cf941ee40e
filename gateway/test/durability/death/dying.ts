import { expect } from "bun:test";
import { join } from "node:path";
import { RUNTIME_ENVIRONMENT } from "../../../src/main/runtime-environment.ts";
import { booksOf, pico } from "../../money/books.ts";
import { makeBudget, spender, type Spender } from "../../money/rounds.ts";
import { FaultUpstream } from "../../fakes/fault-upstream.ts";
import { addFakeBackend } from "../../harness/fake-backend.ts";
import { type Gateway, type GatewayOptions, startGateway } from "../../harness/gateway.ts";
import { pick } from "../../harness/json.ts";
import { poll } from "../poll.ts";
import type { Ledger } from "../records.ts";
import { DEATHS, type Point } from "./points.ts";
import { Prices } from "./prices.ts";
import { type Models, type Pace, Traffic } from "./traffic.ts";
import { untilDead, unwish, wishDeath } from "./wish.ts";
import { Witness } from "./witness.ts";

/** Rounds of calls in which a process that serves must come past a point so often. */
const ROUNDS_MAX = 6;
const STREAM_MS = 1_200;
const START_MS_MAX = 120_000;
const END_MS_MAX = 60_000;
/** Streams that a stop waits for need not take long; the others are to be open when they are written down. */
const STEADY = { tokenMs: 20 };
const BRISK = { tokenMs: 4 };
/** Of the model; its callers and its backend have prices of their own. */
const LISTED = { input_per_mtok: "0", output_per_mtok: "10" };
/** More than all calls come to. */
const LIMIT = "1000000";

/** How an engine is started on and looked at from outside. */
export interface Installation {
  readonly env: Readonly<Record<string, string>>;
  ledger(folder: string): Promise<Ledger>;
  /** When the open streams were last written down, in epoch milliseconds. */
  checkpoint(folder: string): number;
  /** Removes its store. */
  drop(): Promise<void>;
}

/** Deaths survived, calls made, those whose callers saw the whole answer, and what was recovered by prices of the past. */
export interface Figures {
  readonly deaths: number;
  readonly calls: number;
  readonly whole: number;
  readonly outdated: number;
}

/** What a gateway that dies is surrounded by. */
interface Scene {
  readonly gateway: Gateway;
  readonly fake: FaultUpstream;
  readonly installation: Installation;
  readonly file: string;
  readonly who: Spender;
  readonly models: Models;
  readonly prices: Prices;
  readonly budgets: Readonly<Record<"tenant" | "partner", string>>;
}

/** A gateway that dies and is started again, and what becomes of its calls. */
export class Dying {
  readonly #scene: Scene;
  readonly #witness: Witness;
  #running: Traffic[] = [];
  #round = 0;
  #deaths = 0;
  #outdated = 0;

  private constructor(scene: Scene) {
    this.#scene = scene;
    this.#witness = new Witness(scene.prices);
  }

  /** `program`: a gateway with places to die in it. `folder` is this one's alone. */
  static async start(program: string, folder: string, installation: Installation): Promise<Dying> {
    const file = join(folder, "death");
    const options: GatewayOptions = {
      startTimeoutMs: START_MS_MAX,
      program: [program],
      env: {
        ...installation.env,
        DEATH_FILE: file,
        SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0,address:0",
        // Else it reads itself twice at every start.
        ...RUNTIME_ENVIRONMENT,
      },
    };
    const fake = new FaultUpstream();
    const gateway = await startGateway(options);
    const nodes = [gateway] as const;
    const who = await spender(nodes);
    const good = await addFakeBackend(gateway, fake, { prices: LISTED, costs: LISTED });
    const broken = await addFakeBackend(gateway, fake, { prices: LISTED, costs: LISTED });
    return new Dying({
      gateway,
      fake,
      installation,
      file,
      who,
      models: { good: good.slug, broken: broken.slug },
      prices: await Prices.of(gateway, who, good),
      budgets: {
        // What a user spends is what the tenant pays.
        tenant: await makeBudget(nodes, "user", who.userId, LIMIT),
        partner: await makeBudget(nodes, "partner", who.partnerId, LIMIT),
      },
    });
  }

  /** Dies there, starts again, and demands that all is as if it had not. */
  async die(point: Point): Promise<void> {
    const { gateway } = this.#scene;
    const pass = 1 + Math.floor(Math.random() * point.passes);
    try {
      if (point.phase === "serving") await this.#dieServing(point, pass);
      else if (point.phase === "starting") await this.#dieStarting(point, pass);
      else await this.#dieStopping(point, pass);
      await gateway.restart();
      await this.#check();
      this.#deaths++;
    } catch (error) {
      throw new Error(`${point.phase}: ${DEATHS[point.death]}, pass ${pass}`, { cause: error });
    }
  }

  /** What it has been through. */
  get figures(): Figures {
    return { deaths: this.#deaths, ...this.#witness.figures, outdated: this.#outdated };
  }

  /** Serves once more and ends in good order: then the ledger and the roll-ups have all that was used, to the last digit. */
  async finish(): Promise<void> {
    const { gateway, installation, who } = this.#scene;
    const traffic = this.#traffic(BRISK);
    traffic.release();
    await traffic.over;
    process.kill(gateway.pid, "SIGTERM");
    await gateway.exited(END_MS_MAX);
    await this.#hear();
    const records = await installation.ledger(gateway.dataDir);
    expect(records.intents).toBe(0);
    expect(this.#witness.faults(records).slice(0, 10)).toEqual([]);
    const { usage, ledger, rolledUp } = await booksOf(gateway, who.tenantId);
    expect(ledger).toEqual(usage);
    expect(rolledUp).toBe(usage.sale);
    expect(usage.upstream).toBeGreaterThan(0n);
    expect(usage.purchase).toBeGreaterThan(usage.upstream);
    expect(usage.sale).toBeGreaterThan(usage.purchase);
  }

  async dispose(): Promise<void> {
    const { gateway, installation, fake } = this.#scene;
    await gateway.dispose();
    await installation.drop();
    fake.stop();
  }

  async #dieServing({ death }: Point, pass: number): Promise<void> {
    const { file, prices } = this.#scene;
    await prices.announce();
    wishDeath(file, death, pass);
    const dead = untilDead(file).then(() => "dead");
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const traffic = this.#traffic(STEADY);
      // Long enough for two checkpoints.
      setTimeout(() => traffic.release(), STREAM_MS);
      if ((await Promise.race([traffic.over, dead])) === "dead") break;
    }
    await dead;
    await this.#buried();
  }

  async #dieStarting({ death }: Point, pass: number): Promise<void> {
    const { gateway, installation, file, prices } = this.#scene;
    await this.#begin(STEADY);
    // So that what is recovered is owed something.
    const begunAt = Date.now();
    await prices.change();
    await poll("the streams are not written down", () => installation.checkpoint(gateway.dataDir) > begunAt);
    await gateway.kill();
    wishDeath(file, death, pass);
    await gateway.killInStart(() => untilDead(file));
    await this.#buried();
  }

  async #dieStopping({ death }: Point, pass: number): Promise<void> {
    const { gateway, file, prices } = this.#scene;
    const traffic = await this.#begin(BRISK);
    await prices.change();
    wishDeath(file, death, pass);
    process.kill(gateway.pid, "SIGTERM");
    traffic.release();
    await untilDead(file);
    await this.#buried();
  }

  /** Resolves once streams are under way. Throws with what callers are told where none gets so far. */
  async #begin(pace: Pace): Promise<Traffic> {
    for (let round = 1; ; round++) {
      const traffic = this.#traffic(pace);
      if (await traffic.begun()) return traffic;
      traffic.release();
      await traffic.over;
      const refusals = new Set(traffic.seen.flatMap(({ refusal }) => refusal ?? []));
      if (round === ROUNDS_MAX) throw new Error(`no stream begins: ${[...refusals].join("\n")}`);
    }
  }

  #traffic(pace: Pace): Traffic {
    const { gateway, fake, who, models } = this.#scene;
    const traffic = new Traffic({
      gateway,
      gates: fake.gates,
      key: who.key,
      models,
      name: `round-${this.#round++}`,
      pace,
    });
    this.#running.push(traffic);
    return traffic;
  }

  /** The process is gone, its callers know, and its upstream does. */
  async #buried(): Promise<void> {
    const { gateway, file } = this.#scene;
    unwish(file);
    if (gateway.isRunning) await gateway.kill();
    await this.#hear();
  }

  /** Takes what is known of all calls that have been made; resolves once they are over. */
  async #hear(): Promise<void> {
    const { fake } = this.#scene;
    for (const { over } of this.#running) await over;
    await poll("connections to the upstream stay open", () => fake.connections === 0);
    this.#witness.hear(
      this.#running.flatMap(({ seen }) => seen),
      fake.log.records,
    );
    this.#running = [];
    fake.clear();
  }

  async #check(): Promise<void> {
    const { gateway, installation, who, budgets } = this.#scene;
    const ledger = await installation.ledger(gateway.dataDir);
    expect(ledger.intents).toBe(0);
    expect(this.#witness.faults(ledger).slice(0, 10)).toEqual([]);
    const spent = this.#witness.spent(ledger);
    const nothingHeld = { requests: spent.requests, reserved: 0n, requestsReserved: 0 };
    for (const payer of ["tenant", "partner"] as const) {
      expect(await this.#standing(budgets[payer])).toEqual({ spent: spent[payer], ...nothingHeld });
    }
    const path = `/v1/accounting/usage/summary?group_by=user&user_id=${who.userId}&start=2000-01-01T00:00:00Z`;
    const summary = await gateway.api("GET", path);
    expect(pico(pick(summary.body, "data.0.total_cost"))).toBe(spent.tenant);
    this.#outdated = this.#witness.outdated(ledger);
  }

  async #standing(id: string) {
    const { body } = await this.#scene.gateway.api("GET", `/v1/accounting/budgets/${id}`);
    return {
      spent: pico(pick(body, "data.spent.cost")),
      requests: Number(pick(body, "data.spent.requests")),
      reserved: pico(pick(body, "data.reserved.cost")),
      requestsReserved: Number(pick(body, "data.reserved.requests")),
    };
  }
}
