import type {
  AnsweredHold,
  AskedHold,
  AssertedHold,
  FreedHold,
  HoldsAnswer,
} from "../../src/store/budgets/shared-holds.ts";
import { StoreUnavailable } from "../../src/store/errors.ts";
import type { Chance } from "./chance.ts";

const LAST_TURN = 2n ** 63n - 1n;
const WINDOW = { start: 0 };

interface Hold {
  readonly nodeId: string;
  readonly pico: bigint;
  isRetired: boolean;
}

/** What a server keeps, and what is lost when it comes back without its last commits. */
interface Kept {
  spent: bigint;
  readonly holds: Map<string, Hold>;
  readonly usage: Map<string, bigint>;
  readonly turns: Map<string, bigint>;
  readonly lastSeq: Map<string, number>;
}

/** The functions of PostgreSQL that move holds, for one budget, as a model; and a server that can fail. */
export class ModelHolds {
  readonly limit: bigint;
  readonly #chance: Chance;
  #kept: Kept = { spent: 0n, holds: new Map(), usage: new Map(), turns: new Map(), lastSeq: new Map() };
  #saved: Kept | undefined;
  #late: (() => void)[] = [];
  readonly #told = new Set<string>();
  readonly #openSince = new Set<string>();
  readonly nodes = new Set<string>();
  start = "1";

  constructor(limit: bigint, chance: Chance) {
    this.limit = limit;
    this.#chance = chance;
  }

  get held(): bigint {
    return this.#sum((hold) => !hold.isRetired);
  }
  get retired(): bigint {
    return this.#sum((hold) => hold.isRetired);
  }
  get spent(): bigint {
    return this.#kept.spent;
  }
  get usage(): ReadonlyMap<string, bigint> {
    return this.#kept.usage;
  }
  /** Whether a node has told this start of the server what it holds. */
  hasHeard(nodeId: string): boolean {
    return this.#told.has(`${this.start} ${nodeId}`);
  }
  lastSeq(nodeId: string): number {
    return this.#kept.lastSeq.get(nodeId) ?? 0;
  }

  join(nodeId: string): void {
    this.nodes.add(nodeId);
    this.#kept.turns.set(nodeId, 0n);
  }

  hold(nodeId: string, turn: bigint, asked: readonly AskedHold[]): Promise<HoldsAnswer> {
    return this.#answered(() => {
      if (!this.#takesTurn(nodeId, turn)) return { kind: "out_of_turn" };
      if (!this.#isOpen()) return { kind: "waits" };
      return { kind: "answers", answers: asked.map((each) => this.#admit(nodeId, each)) };
    });
  }

  free(nodeId: string, turn: bigint, freed: readonly FreedHold[]): Promise<boolean> {
    return this.#answered(() => {
      if (!this.#takesTurn(nodeId, turn)) return false;
      for (const { requestId } of freed) this.#kept.holds.delete(requestId);
      return true;
    });
  }

  reassert(nodeId: string, start: string, holds: readonly AssertedHold[]): Promise<boolean> {
    return this.#answered(() => {
      if (start !== this.start) return false;
      const isRetired = this.#kept.turns.get(nodeId) === LAST_TURN;
      const asserted = new Set(holds.map(({ requestId }) => requestId));
      for (const [id, hold] of this.#isOpen() ? [] : this.#kept.holds) {
        if (hold.nodeId === nodeId && !asserted.has(id)) this.#kept.holds.delete(id);
      }
      for (const { requestId, pico } of holds) {
        if (this.#kept.usage.has(requestId) || this.#kept.holds.has(requestId)) continue;
        this.#kept.holds.set(requestId, { nodeId, pico, isRetired });
      }
      this.#told.add(`${start} ${nodeId}`);
      return true;
    });
  }

  /** Takes the rows of a journal behind the last it has. */
  receive(nodeId: string, rows: readonly { readonly id: string; readonly pico: bigint }[]): Promise<void> {
    return this.#answered(() => {
      for (const { id, pico } of rows.slice(this.lastSeq(nodeId))) {
        if (!this.#kept.usage.has(id)) {
          this.#kept.usage.set(id, pico);
          this.#kept.spent += pico;
        }
        this.#kept.holds.delete(id);
      }
      this.#kept.lastSeq.set(nodeId, Math.max(rows.length, this.lastSeq(nodeId)));
    });
  }

  retire(nodeId: string): void {
    this.#kept.turns.set(nodeId, LAST_TURN);
    this.nodes.delete(nodeId);
    for (const hold of this.#kept.holds.values()) if (hold.nodeId === nodeId) hold.isRetired = true;
  }

  /** Of a node that has ended, or is gone for good. */
  close(nodeId: string): void {
    this.#kept.turns.set(nodeId, LAST_TURN);
    this.nodes.delete(nodeId);
    for (const [id, hold] of this.#kept.holds) if (hold.nodeId === nodeId) this.#kept.holds.delete(id);
  }

  /** Statements whose answers were lost, and that were still on their way, are done now. */
  arrive(): void {
    for (const work of this.#late.splice(0)) work();
  }

  save(): void {
    const { spent, holds, usage, turns, lastSeq } = this.#kept;
    const copies = [...holds].map(([id, hold]) => [id, { ...hold }] as const);
    this.#saved = {
      spent,
      holds: new Map(copies),
      usage: new Map(usage),
      turns: new Map(turns),
      lastSeq: new Map(lastSeq),
    };
  }

  /** Begins anew, with what was saved where something was. */
  restart(): void {
    this.#late = [];
    this.start = String(Number(this.start) + 1);
    if (this.#saved === undefined) return;
    this.#kept = this.#saved;
    this.#saved = undefined;
    // Whoever was closed since is closed again: by an operator, or by whoever takes its journal over.
    for (const id of this.#kept.turns.keys()) if (!this.nodes.has(id)) this.retire(id);
    for (const id of this.nodes) if (!this.#kept.turns.has(id)) this.#kept.turns.set(id, 0n);
  }

  /** Once every node has told what it holds, and from then on. */
  #isOpen(): boolean {
    const all = [...this.nodes].every((id) => this.#told.has(`${this.start} ${id}`));
    if (all) this.#openSince.add(this.start);
    return this.#openSince.has(this.start);
  }

  #takesTurn(nodeId: string, turn: bigint): boolean {
    if ((this.#kept.turns.get(nodeId) ?? LAST_TURN) >= turn) return false;
    this.#kept.turns.set(nodeId, turn);
    return true;
  }

  #admit(nodeId: string, { requestId, wants }: AskedHold): AnsweredHold {
    const pico = wants[0]?.pico ?? 0n;
    const isHeld = this.spent + this.retired + this.held + pico <= this.limit;
    if (isHeld) this.#kept.holds.set(requestId, { nodeId, pico, isRetired: false });
    const measure = (amount: bigint) => ({ pico: amount, tokens: 0, requests: 0 });
    const standing = {
      budgetId: "budget_1",
      window: WINDOW,
      spent: measure(this.spent),
      held: measure(this.held),
    };
    return { isHeld, standings: [{ ...standing, limits: { pico: this.limit } }] };
  }

  /** The answer; or none, with the work done, not done, or done later. */
  #answered<Answer>(work: () => Answer): Promise<Answer> {
    if (!this.#chance.happens(0.15)) return Promise.resolve(work());
    if (this.#chance.happens(0.4)) work();
    else if (this.#chance.happens(0.5)) this.#late.push(() => void work());
    return Promise.reject(new StoreUnavailable("the answer was lost"));
  }

  #sum(counts: (hold: Hold) => boolean): bigint {
    return [...this.#kept.holds.values()].filter(counts).reduce((sum, { pico }) => sum + pico, 0n);
  }
}
