import { type LimitedScope, RateLimiter } from "../../src/limits/limiter.ts";
import type { ShareRow } from "../../src/limits/share-plan.ts";
import type { ShareChange } from "../../src/limits/shares.ts";

const WINDOW_MS = 60_000;

/** Numbers that look random and are the same for the same seed. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Rows as a store keeps them: a change takes only where nobody was faster. */
export class ShareStore {
  readonly rows = new Map<string, ShareRow>();

  write(changes: readonly ShareChange[]): Set<string> {
    const taken = new Set<string>();
    for (const { scopeId, version, row } of changes) {
      if ((this.rows.get(scopeId)?.version ?? 0) !== version) continue;
      if (row) this.rows.set(scopeId, { ...row, version: version + 1 });
      else this.rows.delete(scopeId);
      taken.add(scopeId);
    }
    return taken;
  }
}

interface SimulatedNode {
  readonly id: string;
  readonly limiter: RateLimiter;
  isAlive: boolean;
  nextTickMs: number;
  /** A write under way: read at one instant, in the store at a later one, known at a third. */
  pending:
    { readonly changes: readonly ShareChange[]; atMs: number; taken?: ReadonlySet<string> } | undefined;
}

export interface ClusterOptions {
  readonly nodes: number;
  readonly limit: number;
  readonly seed: number;
  /** How often a write is lost, or its answer. */
  readonly lost?: number;
}

/** Several nodes that share one limit, on a clock of their own. */
export class ShareCluster {
  readonly scope: LimitedScope;
  readonly store = new ShareStore();
  readonly nodes: readonly SimulatedNode[];
  nowMs = 5_000;
  /** The most that all nodes together let through in any 60 s so far. */
  most = 0;
  readonly #random: () => number;
  readonly #lost: number;
  readonly #let: { readonly atMs: number; readonly amount: number }[] = [];

  constructor({ nodes, limit, seed, lost = 0 }: ClusterOptions) {
    this.scope = { level: "key", scopeId: "key_1", limit };
    this.#random = numbers(seed);
    this.#lost = lost;
    this.nodes = Array.from({ length: nodes }, (_, i) => ({
      id: `node_${i}`,
      limiter: new RateLimiter(),
      isAlive: true,
      nextTickMs: this.nowMs + Math.floor(this.#random() * 1_000),
      pending: undefined,
    }));
    this.#tellWhoLives();
  }

  /** Lets `ms` pass; `load` gives the calls of a node in the next tenth of a second, in amounts. */
  run(ms: number, load: (node: number) => readonly number[]): number[] {
    const admitted = this.nodes.map(() => 0);
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 100) {
      for (const [index, node] of this.nodes.entries()) {
        if (!node.isAlive) continue;
        for (const amount of load(index)) {
          const verdict = node.limiter.admit([this.scope], this.nowMs, 0, amount);
          if (verdict.refused !== undefined) continue;
          admitted[index] = (admitted[index] ?? 0) + amount;
          this.#note(amount);
        }
        this.#tick(node);
      }
    }
    return admitted;
  }

  kill(index: number): void {
    const node = this.nodes[index];
    if (node) node.isAlive = false;
    this.#tellWhoLives();
  }

  #tellWhoLives(): void {
    const live = this.nodes.filter(({ isAlive }) => isAlive).map(({ id }) => id);
    for (const { id, limiter } of this.nodes) limiter.shares.setNodes(id, live);
  }

  #tick(node: SimulatedNode): void {
    const { pending } = node;
    if (pending && pending.atMs <= this.nowMs) {
      if (pending.taken === undefined) {
        const taken = this.#random() < this.#lost ? new Set<string>() : this.store.write(pending.changes);
        pending.taken = this.#random() < this.#lost ? new Set() : taken;
        pending.atMs = this.nowMs + Math.floor(this.#random() * 2) * 100;
      } else {
        node.limiter.shares.written(pending.taken);
        node.pending = undefined;
      }
    }
    if (node.pending || node.nextTickMs > this.nowMs) return;
    const changes = node.limiter.shares.plan(new Map(this.store.rows), this.nowMs);
    node.nextTickMs = this.nowMs + 900 + Math.floor(this.#random() * 3) * 100;
    node.pending = { changes, atMs: this.nowMs + Math.floor(this.#random() * 4) * 100 };
  }

  #note(amount: number): void {
    this.#let.push({ atMs: this.nowMs, amount });
    while ((this.#let[0]?.atMs ?? this.nowMs) <= this.nowMs - WINDOW_MS) this.#let.shift();
    this.most = Math.max(
      this.most,
      this.#let.reduce((sum, each) => sum + each.amount, 0),
    );
  }
}
