import type { Budget, BudgetPart, Measure } from "../../src/core/budget.ts";
import { newId } from "../../src/base/ids.ts";
import { isNothing, NOTHING, plus } from "../../src/escrow/measure.ts";
import { SharedHolds } from "../../src/store/budgets/shared-holds.ts";
import { createBudget, updateBudget } from "../../src/store/budgets/writer.ts";
import { Nodes } from "../../src/store/nodes/nodes.ts";
import { forgiveNode, retireNode } from "../../src/store/nodes/writer.ts";
import type { PostgresStore } from "../../src/store/postgres/open.ts";
import { rowJson } from "../../src/store/row-json.ts";
import { createPartner } from "../../src/store/tenancy/writer.ts";
import { usageRow } from "../../src/store/usage/record.ts";
import { intent, partner, settlement } from "../store/samples.ts";
import type { Chance } from "./chance.ts";

const NODES = 3;
const BUDGETS = 3;

/** A request that was let in, as it should stand in the store. */
interface Request {
  readonly id: string;
  readonly node: Node;
  readonly parts: readonly BudgetPart[];
  /** Its holds: of a node that was closed in its absence they are retired, and gone once they are forgiven. */
  holds: "held" | "retired" | "gone";
}

interface Node {
  readonly id: string;
  turn: bigint;
  /** Rows of its journal that the store has. */
  seq: bigint;
  isClosed: boolean;
  isRetired: boolean;
  lastBatch: { readonly to: bigint; readonly rows: readonly string[] } | undefined;
}

/** What has become of one run. */
export interface SharedSeen {
  admitted: number;
  refused: number;
  settled: number;
  retired: number;
}

/**
 * Nodes that set aside, settle, send twice, fall behind, are closed, retired and forgiven, over budgets in PostgreSQL, and
 * beside them a ledger of what each step should come to, kept with additions alone. Each verdict and each counter is held
 * against it.
 */
export class SharedRun {
  readonly seen: SharedSeen = { admitted: 0, refused: 0, settled: 0, retired: 0 };
  readonly #store: PostgresStore;
  readonly #chance: Chance;
  readonly #holds: SharedHolds;
  readonly #nodes: Nodes;
  readonly #budgets: Budget[] = [];
  readonly #spent = new Map<string, Measure>();
  readonly #open = new Set<Request>();
  #here: Node[] = [];

  constructor(store: PostgresStore, chance: Chance) {
    this.#store = store;
    this.#chance = chance;
    this.#holds = new SharedHolds(store.run);
    this.#nodes = new Nodes(store.run);
  }

  async begin(): Promise<void> {
    const owner = partner();
    await this.#store.commit(createPartner(owner, 0));
    for (let n = 0; n < BUDGETS; n++) {
      const budget: Budget = {
        id: newId("budget", Date.now()),
        scope: "partner",
        scopeId: owner.id,
        partnerId: owner.id,
        period: "total",
        limits: this.#limits(),
        softLimit: 8_000,
        hardAction: this.#chance.happens(0.8) ? "block" : "notify",
        setBy: "platform",
        createdAt: 0,
        armedAt: 0,
      };
      this.#budgets.push(budget);
      this.#spent.set(budget.id, NOTHING);
      await this.#store.commit(createBudget(budget, 0));
    }
    for (let n = 0; n < NODES; n++) await this.#join();
  }

  async step(): Promise<void> {
    const dice = this.#chance.next();
    if (dice < 0.45) await this.#admit();
    else if (dice < 0.75) await this.#settle();
    else if (dice < 0.82) await this.#free();
    else if (dice < 0.87) await this.#sendAgain();
    else if (dice < 0.9) await this.#comeLate();
    else if (dice < 0.94) await this.#changeLimits();
    else if (dice < 0.97) await this.#retire();
    else if (dice < 0.985) await this.#forgive();
    else await this.#close();
    await this.#compare();
  }

  /** All settle, whoever of them was retired or forgiven: then nothing is held. */
  async quiet(): Promise<void> {
    while (this.#open.size > 0) await this.#settle();
    for (const node of this.#here) if (!node.isClosed) await this.#nodes.close(node.id);
    await this.#compare();
    for (const { held, retired } of await this.#stored()) {
      if (!isNothing(held) || !isNothing(retired)) throw new Error("something is held in the end");
    }
  }

  #limits(): Budget["limits"] {
    const chance = this.#chance;
    return {
      pico: BigInt(chance.integer(50, 400)),
      ...(chance.happens(0.3) && { tokens: chance.integer(50, 400) }),
      ...(chance.happens(0.3) && { requests: chance.integer(2, 12) }),
    };
  }

  async #join(): Promise<void> {
    const node: Node = {
      id: newId("node", Date.now()),
      turn: 0n,
      seq: 0n,
      isClosed: false,
      isRetired: false,
      lastBatch: undefined,
    };
    await this.#nodes.register({
      id: node.id,
      startedAt: Date.now(),
      version: "1",
      host: "h",
      mode: "all",
    });
    this.#here.push(node);
  }

  /** One at work; whoever was closed has a successor. */
  async #atWork(): Promise<Node> {
    const there = this.#here.filter(({ isClosed }) => !isClosed);
    if (there.length < NODES) await this.#join();
    return this.#chance.one(this.#here.filter(({ isClosed }) => !isClosed));
  }

  async #admit(): Promise<void> {
    const chance = this.#chance;
    const node = await this.#atWork();
    const asked = Array.from({ length: chance.integer(1, 3) }, () => {
      const budgets = this.#budgets.filter(() => chance.happens(0.6));
      const amount = chance.integer(1, 60);
      const need = { pico: BigInt(amount), tokens: amount, requests: 1 };
      return { requestId: newId("req", Date.now()), budgets, need };
    });
    const { answers = [] } = await this.#holds.hold(
      node.id,
      ++node.turn,
      asked.map(({ requestId, budgets, need }) => ({
        requestId,
        wants: budgets.map(({ id }) => ({ budgetId: id, zone: "UTC", ...need })),
      })),
    );
    for (const [place, { requestId, budgets, need }] of asked.entries()) {
      const right = budgets.every((budget) => this.#fits(budget, need));
      if (answers[place]?.isHeld !== right) {
        throw new Error(`${requestId}: ${answers[place]?.isHeld}, but by the books ${right}`);
      }
      if (!right) {
        this.seen.refused++;
        continue;
      }
      this.seen.admitted++;
      const parts = budgets.map(({ id }): BudgetPart => ({
        budgetId: id,
        price: "partner",
        window: { start: 0 },
        ...need,
      }));
      this.#open.add({ id: requestId, node, parts, holds: "held" });
    }
  }

  #fits({ id, limits, hardAction }: Budget, need: Measure): boolean {
    if (hardAction !== "block") return true;
    const all = plus(
      plus(this.#spent.get(id) ?? NOTHING, need),
      plus(this.#sum(id, "held"), this.#sum(id, "retired")),
    );
    return (
      (limits.pico === undefined || all.pico <= limits.pico) &&
      (limits.tokens === undefined || all.tokens <= limits.tokens) &&
      (limits.requests === undefined || all.requests <= limits.requests)
    );
  }

  #sum(budgetId: string, holds: Request["holds"]): Measure {
    let sum = NOTHING;
    for (const request of this.#open) {
      if (request.holds !== holds) continue;
      for (const part of request.parts) if (part.budgetId === budgetId) sum = plus(sum, part);
    }
    return sum;
  }

  /** Some of what is open on a node, in one batch; a closed one has its journal sent by another. */
  async #settle(): Promise<void> {
    if (this.#open.size === 0) return;
    const { node } = this.#chance.one([...this.#open]);
    const batch = [...this.#open].filter((request) => request.node === node && this.#chance.happens(0.7));
    if (batch.length === 0) return;
    const rows = batch.map((request) => {
      this.#open.delete(request);
      const parts = request.parts.map((part) => ({ ...part, ...this.#used(part) }));
      for (const part of parts) this.#spend(part);
      return rowJson(usageRow(settlement(intent({ requestId: request.id }), { budgets: parts })));
    });
    const to = node.seq + BigInt(rows.length);
    const received = await this.#nodes.receive({ nodeId: node.id, from: node.seq, to, rows });
    if (!received.moved) throw new Error("a batch that goes on is not taken");
    node.seq = to;
    node.lastBatch = { to, rows };
    this.seen.settled += rows.length;
  }

  #used({ pico, tokens }: BudgetPart): Measure {
    const used = this.#chance.integer(0, tokens);
    return {
      pico: BigInt(used) < pico ? BigInt(used) : pico,
      tokens: used,
      requests: this.#chance.integer(0, 1),
    };
  }

  #spend({ budgetId, pico, tokens, requests }: BudgetPart): void {
    this.#spent.set(budgetId, plus(this.#spent.get(budgetId) ?? NOTHING, { pico, tokens, requests }));
  }

  async #free(): Promise<void> {
    const request = [...this.#open].find(({ holds, node }) => holds === "held" && !node.isClosed);
    if (request === undefined) return;
    const freed = [{ requestId: request.id, budgetId: undefined }];
    const { node } = request;
    if (!(await this.#holds.free(node.id, ++node.turn, freed))) throw new Error("not its turn");
    this.#open.delete(request);
    // A second time gives back nothing more.
    if (this.#chance.happens(0.5)) await this.#holds.free(node.id, ++node.turn, freed);
  }

  /** The last batch comes again: its answer was lost, or the store was set back to before it. */
  async #sendAgain(): Promise<void> {
    const node = this.#chance.one(this.#here);
    if (node.lastBatch === undefined) return;
    const { to, rows } = node.lastBatch;
    const from = to - BigInt(rows.length);
    if (this.#chance.happens(0.5)) {
      const received = await this.#nodes.receive({ nodeId: node.id, from, to, rows });
      if (received.moved) throw new Error("a batch is taken twice");
      return;
    }
    await this.#store.run("update nodes set last_seq = $2 where id = $1", [node.id, from]);
    const received = await this.#nodes.receive({ nodeId: node.id, from, to, rows });
    if (!received.moved) throw new Error("a batch that goes on is not taken");
  }

  /** A statement that was on its way for so long that others of its node have come before it. */
  async #comeLate(): Promise<void> {
    const node = await this.#atWork();
    if (node.turn === 0n) return;
    const need = { pico: 1n, tokens: 1, requests: 1 };
    const wants = this.#budgets.map(({ id }) => ({ budgetId: id, zone: "UTC", ...need }));
    const { kind } = await this.#holds.hold(node.id, node.turn, [{ requestId: newId("req", 0), wants }]);
    if (kind !== "out_of_turn") throw new Error(`a late statement is answered with ${kind}`);
  }

  async #changeLimits(): Promise<void> {
    const place = this.#chance.integer(0, BUDGETS - 1);
    const budget = this.#budgets[place];
    if (budget === undefined) return;
    const limits = this.#limits();
    this.#budgets[place] = { ...budget, limits };
    await this.#store.commit(updateBudget(budget.id, { limits }, { level: "platform" }, 0));
  }

  async #retire(): Promise<void> {
    const node = await this.#atWork();
    await this.#store.commit(retireNode(node.id));
    node.isClosed = true;
    node.isRetired = true;
    this.seen.retired++;
    for (const request of this.#open) if (request.node === node) request.holds = "retired";
  }

  async #forgive(): Promise<void> {
    const node = this.#here.find(({ isRetired }) => isRetired);
    if (node === undefined) return;
    await this.#store.commit(forgiveNode(node.id));
    for (const request of this.#open) if (request.node === node) request.holds = "gone";
  }

  /** In good order: what it has not settled by then it holds for nobody. */
  async #close(): Promise<void> {
    const node = await this.#atWork();
    await this.#nodes.close(node.id);
    node.isClosed = true;
    for (const request of this.#open) if (request.node === node) request.holds = "gone";
  }

  async #compare(): Promise<void> {
    for (const { id, spent, held, retired } of await this.#stored()) {
      demandSame(`${id}, spent`, spent, this.#spent.get(id) ?? NOTHING);
      demandSame(`${id}, held`, held, this.#sum(id, "held"));
      demandSame(`${id}, retired`, retired, this.#sum(id, "retired"));
    }
  }

  /** The counters of each budget, as an administrator's shell sees them. */
  async #stored() {
    const ids = JSON.stringify(this.#budgets.map(({ id }) => id));
    const rows = await this.#store.run(
      "select budget_id, " +
        "(spent_units::numeric * 1000000000000 + spent_pico)::text as spent_pico, spent_tokens::text, spent_requests::text, " +
        "trunc(held_pico)::text as held_pico, held_tokens::text, held_requests::text, " +
        "trunc(retired_pico)::text as retired_pico, retired_tokens::text, retired_requests::text " +
        "from budget_windows where budget_id in (select json_array_elements_text($1::text::json))",
      [ids],
    );
    return rows.map((row) => {
      const measure = (name: string): Measure => ({
        pico: BigInt(String(row[`${name}_pico`])),
        tokens: Number(row[`${name}_tokens`]),
        requests: Number(row[`${name}_requests`]),
      });
      const [spent, held, retired] = [measure("spent"), measure("held"), measure("retired")];
      return { id: String(row["budget_id"]), spent, held, retired };
    });
  }
}

function demandSame(what: string, found: Measure, right: Measure): void {
  const told = ({ pico, tokens, requests }: Measure): string => `${pico}/${tokens}/${requests}`;
  if (told(found) !== told(right))
    throw new Error(`${what}: ${told(found)}, but by the books ${told(right)}`);
}
