import type { Intent } from "../../src/core/accounting.ts";
import { HoldQueue } from "../../src/settlement/budgets/hold-queue.ts";
import { Reassertion } from "../../src/settlement/budgets/reassertion.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import { intent } from "../store/samples.ts";
import { Chance } from "./chance.ts";
import { ModelHolds } from "./model-holds.ts";

const STEPS = 80;
const LIMIT = 100n;

/** What one seed has seen. */
export interface SeenNodes {
  readonly admitted: number;
  readonly refused: number;
  readonly setBacks: number;
  readonly retired: number;
}

/**
 * Three nodes and a server that loses answers, does work late, and comes back without its last commits; nodes are
 * retired in their absence, come back, die and are taken over. At each admission what has truly settled and what is truly
 * in flight is held against the limit. Throws with what went wrong; the same seed goes wrong in the same way.
 */
export async function simulateNodes(seed: number): Promise<SeenNodes> {
  const simulation = new NodesSimulation(new Chance(seed));
  for (let step = 0; step < STEPS; step++) await simulation.step();
  await simulation.quiet();
  return simulation.seen;
}

/** One process: its queue, what it has in flight, and its journal, which outlives it. */
class SimulatedNode {
  readonly id: string;
  readonly open = new Map<string, Intent>();
  readonly journal: { readonly id: string; readonly pico: bigint }[] = [];
  readonly queue: HoldQueue;
  readonly reassertion: Reassertion;
  readonly #store: ModelHolds;
  isRetired = false;

  constructor(id: string, store: ModelHolds) {
    this.id = id;
    this.#store = store;
    store.join(id);
    this.queue = new HoldQueue({ clock: { monotonic: () => 0 }, holds: store, nodeId: id });
    this.reassertion = new Reassertion({
      holds: store,
      nodeId: id,
      storeStart: () => store.start,
      resend: () => this.flush(),
      flush: () => this.flush(),
      openRequests: () =>
        [...this.open.values()].map((each) => ({ intent: each, tokensMax: 0, isSettling: false })),
      unsettled: { intents: () => [] },
      free: (ids) => {
        for (const each of ids) this.queue.lose(each);
        return this.queue.settleLost();
      },
    });
  }

  flush(): Promise<void> {
    return this.#store.receive(this.id, this.journal);
  }
}

class NodesSimulation {
  readonly #chance: Chance;
  readonly #store: ModelHolds;
  readonly #nodes: SimulatedNode[] = [];
  /** Journals of nodes that have ended. */
  readonly #left: SimulatedNode[] = [];
  #ids = 0;
  readonly seen = { admitted: 0, refused: 0, setBacks: 0, retired: 0 };

  constructor(chance: Chance) {
    this.#chance = chance;
    this.#store = new ModelHolds(LIMIT, chance);
    for (let n = 0; n < 3; n++) this.#join();
  }

  async step(): Promise<void> {
    const chance = this.#chance;
    // Several times a second, in between everything else.
    for (const each of this.#nodes) {
      if (chance.happens(0.7)) await each.reassertion.run().catch(unlessAway);
    }
    const node = chance.one(this.#nodes);
    const dice = chance.next();
    if (dice < 0.45) await this.#admit(node);
    else if (dice < 0.7) this.#finish(node);
    else if (dice < 0.82) await this.#upkeep(node);
    else if (dice < 0.87) this.#store.arrive();
    else if (dice < 0.9) this.#store.save();
    else if (dice < 0.93) await this.#setBack();
    else if (dice < 0.96) await this.#die(node);
    else this.#retire(node);
  }

  /** All has ended and arrived: nothing is held, and what is counted is what has settled. */
  async quiet(): Promise<void> {
    this.#store.arrive();
    for (const node of [...this.#nodes, ...this.#left]) {
      while (node.open.size > 0) this.#finish(node);
      await insist(() => node.flush());
      if (node.isRetired) this.#store.close(node.id);
    }
    for (const node of this.#nodes) {
      await insist(() => node.reassertion.run());
      await insist(() => node.queue.settleLost());
      await insist(() => node.flush());
    }
    const { held, retired, spent, usage } = this.#store;
    if (held + retired > 0n) throw new Error(`${held} is still held, ${retired} retired`);
    const settled = this.#settled();
    if (spent !== settled) throw new Error(`${spent} is counted, ${settled} has settled`);
    const rows = [...usage.values()].reduce((sum, pico) => sum + pico, 0n);
    if (rows !== settled) throw new Error(`usage comes to ${rows}, ${settled} has settled`);
  }

  #join(): void {
    this.#nodes.push(new SimulatedNode(`node_${++this.#ids}`, this.#store));
  }

  async #admit(node: SimulatedNode): Promise<void> {
    const requestId = `req_${String(++this.#ids).padStart(26, "0")}`;
    const pico = BigInt(this.#chance.integer(1, 30));
    const wants = [{ budgetId: "budget_1", zone: "UTC", pico, tokens: 0, requests: 0 }];
    const answer = await node.queue.ask({ requestId, wants }).catch(unlessAway);
    if (answer?.isHeld !== true) {
      this.seen.refused++;
      return;
    }
    const part = {
      budgetId: "budget_1",
      price: "tenant",
      window: { start: 0 },
      tokens: 0,
      requests: 0,
    } as const;
    node.open.set(requestId, intent({ requestId, budgets: [{ ...part, pico }] }));
    this.seen.admitted++;
    const truth = this.#settled() + this.#promised();
    if (truth > LIMIT) throw new Error(`${requestId} was admitted: ${truth} of ${LIMIT}`);
  }

  #finish(node: SimulatedNode): void {
    const [first] = node.open;
    if (first === undefined) return;
    const [id, { budgets = [] }] = first;
    node.open.delete(id);
    node.journal.push({ id, pico: BigInt(this.#chance.integer(0, Number(budgets[0]?.pico ?? 0n))) });
  }

  async #upkeep(node: SimulatedNode): Promise<void> {
    await node.reassertion.run().catch(unlessAway);
    await node.flush().catch(unlessAway);
    await node.queue.settleLost().catch(unlessAway);
  }

  /** Where somebody is away that is retired, what the server has lost of it nobody tells it again. */
  async #setBack(): Promise<void> {
    if (this.#left.some(({ isRetired, open }) => isRetired && open.size > 0)) return;
    this.#store.restart();
    this.seen.setBacks++;
    // Journals that were taken over are sent again by whoever has them, before anybody may hold more.
    for (const left of this.#left) await insist(() => left.flush());
    for (const { id } of this.#left) this.#store.close(id);
  }

  /** Taken over by another: what was open is settled, its journal is delivered, it is closed. */
  async #die(node: SimulatedNode): Promise<void> {
    this.#leave(node);
    while (node.open.size > 0) this.#finish(node);
    this.#store.arrive();
    await insist(() => node.flush());
    this.#store.close(node.id);
  }

  /** It is halted, and settles later what it has in flight. What it has not told a new server nobody could know. */
  #retire(node: SimulatedNode): void {
    if (!this.#store.hasHeard(node.id)) return;
    this.#leave(node);
    node.isRetired = true;
    this.seen.retired++;
    this.#store.retire(node.id);
  }

  #leave(node: SimulatedNode): void {
    this.#nodes.splice(this.#nodes.indexOf(node), 1);
    this.#left.push(node);
    this.#join();
  }

  #settled(): bigint {
    const journals = [...this.#nodes, ...this.#left].flatMap(({ journal }) => journal);
    return journals.reduce((sum, { pico }) => sum + pico, 0n);
  }

  #promised(): bigint {
    const open = [...this.#nodes, ...this.#left].flatMap((node) => [...node.open.values()]);
    return open.reduce((sum, { budgets = [] }) => sum + (budgets[0]?.pico ?? 0n), 0n);
  }
}

function unlessAway(error: unknown): undefined {
  if (!(error instanceof StoreUnavailable)) throw error;
  return undefined;
}

/** Until it works: the server is away for a moment at a time. */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      unlessAway(error);
    }
  }
}
