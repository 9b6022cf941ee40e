import { RollingWindow } from "../base/rolling-window.ts";
import type { LimitedScope } from "./limiter.ts";
import { baseShare, isHot, type OwnEntry, type ShareRow, shareStep } from "./share-plan.ts";

/** Scopes of one kind that a node asks for at once; those beyond it keep their equal shares. */
const ASKED_MAX = 1_000;
/** How long a node that has refused something is taken to be short of its share. */
const PRESSING_MS = 5_000;

/** A change of a row, to be written only if its version is still the one that was read. */
export interface ShareChange {
  readonly scopeId: string;
  readonly version: number;
  /** Undefined: the row goes. */
  readonly row: ShareRow | undefined;
}

/** A scope without a row that may want one. */
interface Asked {
  /** As the last call had it. */
  limit: number;
  /** Refused since the last look. */
  refusedNow: number;
  /** The least of that. */
  unit: number;
}

/** What this node has of one scope that runs hot. */
interface Held extends Asked {
  /** What it lets through at most. */
  effective: number;
  hasSpare: boolean;
  /** What was refused in the window. */
  readonly refused: RollingWindow;
  pressedMs: number;
  planned: { readonly share: number; readonly cap: number } | undefined;
}

/**
 * This node's shares of limits that several nodes keep together. A limit that nobody presses on is shared out equally,
 * without a word between the nodes; for one that runs hot they agree on other shares over rows in the store, once a
 * second. Holds state and reads no clock: callers give the monotonic time; nothing here waits.
 */
export class Shares {
  readonly #usedOf: (scopeId: string, nowMs: number) => number;
  #live: readonly string[] = [];
  #me = "";
  #rank = 0;
  readonly #held = new Map<string, Held>();
  readonly #asked = new Map<string, Asked>();

  /** `usedOf`: what this node has let through in the window of a scope, or has in flight of it. */
  constructor(usedOf: (scopeId: string, nowMs: number) => number) {
    this.#usedOf = usedOf;
  }

  /** Whether other nodes have a part of each limit. */
  get areShared(): boolean {
    return this.#live.length > 1;
  }

  /** The nodes that serve, in their order. Takes effect at once. */
  setNodes(me: string, live: readonly string[]): void {
    this.#me = me;
    this.#live = live;
    this.#rank = Math.max(0, live.indexOf(me));
    if (live.length > 1) return;
    this.#held.clear();
    this.#asked.clear();
  }

  /** What this node may let through of a scope's limit: a look-up, and where there is nothing a division (10 ns). */
  of({ scopeId, limit }: Pick<LimitedScope, "scopeId" | "limit">): number {
    const held = this.#held.get(scopeId);
    if (held !== undefined) return Math.min(held.effective, limit);
    return this.#live.length > 1 ? baseShare(limit, this.#rank, this.#live.length) : limit;
  }

  /** A scope of which more than half of the share is used: the others are asked for more before it is gone. */
  pressOn(scope: LimitedScope, refused = 0): void {
    const held = this.#held.get(scope.scopeId);
    const asked = held ?? this.#asked.get(scope.scopeId);
    if (asked === undefined) {
      if (this.#asked.size >= ASKED_MAX) return;
      this.#asked.set(scope.scopeId, { limit: scope.limit, refusedNow: refused, unit: Math.max(1, refused) });
      return;
    }
    asked.limit = scope.limit;
    if (refused === 0) return;
    // The least that was refused: with that much more something gets through.
    asked.unit = asked.refusedNow === 0 ? refused : Math.min(asked.unit, refused);
    asked.refusedNow += refused;
  }

  /** Whether this node may soon have more of a scope: what it refuses now need not wait for its own window. */
  mayGrow({ scopeId }: Pick<LimitedScope, "scopeId">): boolean {
    return this.areShared && (this.#held.get(scopeId)?.hasSpare ?? true);
  }

  /**
   * What to write, given all rows as they were read just now. What this node gives away it stops to use here and now,
   * before anybody else can have it; what it gets it uses once `written` says so.
   */
  plan(rows: ReadonlyMap<string, ShareRow>, nowMs: number): ShareChange[] {
    const changes: ShareChange[] = [];
    for (const scopeId of this.#held.keys()) if (!rows.has(scopeId)) this.#forget(scopeId);
    for (const [scopeId, row] of rows) changes.push(...this.#planRow(scopeId, row, nowMs));
    for (const [scopeId, asked] of this.#asked) {
      if (rows.has(scopeId)) continue;
      const base = baseShare(asked.limit, this.#rank, this.#live.length);
      const own: OwnEntry = {
        used: this.#usedOf(scopeId, nowMs),
        refused: Math.min(asked.refusedNow, asked.limit),
        isPressing: asked.refusedNow > 0,
        unit: asked.unit,
      };
      if (!isHot(own, base)) continue;
      const { change } = shareStep(
        { version: 0, limit: asked.limit, nodes: new Map() },
        this.#me,
        own,
        this.#live,
      );
      if (change !== undefined && change !== "remove") changes.push({ scopeId, version: 0, row: change });
    }
    this.#asked.clear();
    return changes;
  }

  /** Which of the changes were written. One that was not, because another node was faster, is planned anew. */
  written(scopeIds: ReadonlySet<string>): void {
    for (const [scopeId, held] of this.#held) {
      const { planned } = held;
      held.planned = undefined;
      if (planned !== undefined && scopeIds.has(scopeId))
        held.effective = Math.min(planned.share, planned.cap);
    }
  }

  #planRow(scopeId: string, row: ShareRow, nowMs: number): ShareChange[] {
    const held = this.#held.get(scopeId) ?? this.#hold(scopeId, row, nowMs);
    if (held.refusedNow > 0) {
      held.refused.add(nowMs, Math.min(held.refusedNow, held.limit));
      held.pressedMs = nowMs;
      held.refusedNow = 0;
    }
    const own: OwnEntry = {
      used: this.#usedOf(scopeId, nowMs),
      refused: Math.min(held.refused.countAt(nowMs), held.limit),
      isPressing: nowMs - held.pressedMs < PRESSING_MS,
      unit: held.unit,
    };
    const { change, share, cap, hasSpare } = shareStep(row, this.#me, own, this.#live, held.limit);
    held.hasSpare = hasSpare;
    // As it was written before, whoever has heard of it: what this node gives away it does not use from here on.
    const confirmed = row.nodes.get(this.#me)?.share ?? Math.min(held.effective, share);
    held.effective = Math.min(confirmed, share, cap);
    if (change === undefined) return [];
    held.planned = { share, cap };
    return [{ scopeId, version: row.version, row: change === "remove" ? undefined : change }];
  }

  #hold(scopeId: string, { limit }: ShareRow, nowMs: number): Held {
    const asked = this.#asked.get(scopeId);
    const held: Held = {
      effective: this.of({ scopeId, limit }),
      hasSpare: true,
      refused: new RollingWindow(nowMs),
      pressedMs: Number.NEGATIVE_INFINITY,
      limit: asked?.limit ?? limit,
      refusedNow: asked?.refusedNow ?? 0,
      unit: asked?.unit ?? 1,
      planned: undefined,
    };
    this.#held.set(scopeId, held);
    return held;
  }

  /** Its row is gone, which it goes only where every node had its equal share. */
  #forget(scopeId: string): void {
    this.#held.delete(scopeId);
  }
}
