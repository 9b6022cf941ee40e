import type { RequestTrace } from "../core/trace.ts";
import { type Counted, Latencies } from "./latencies.ts";

const MINUTE_MS = 60_000;
/** A minute stays in memory so long after the newest: requests are noted when they end, and ends come late. */
const MINUTES_KEPT = 2;
/** Tenants told apart in one minute; those beyond it count for the platform alone. */
const TENANTS_MAX = 2_000;
const NOBODY = "";

/** Whose requests are counted together. The platform has no id. */
export interface TrafficOwner {
  readonly level: "platform" | "partner" | "tenant";
  readonly id: string;
}

/** Requests of one owner that ended in one minute on one node. */
export interface TrafficMinute {
  readonly owner: TrafficOwner;
  /** Epoch milliseconds of its beginning. */
  readonly minute: number;
  readonly outcomes: Readonly<Record<RequestTrace["outcome"], number>>;
  /** Of those that were completed, from their arrival to the last byte. */
  readonly latencies: readonly Counted[];
  /** Of all that came so far, from their arrival to the first content. */
  readonly firstContents: readonly Counted[];
}

interface Cell {
  readonly partnerId: string;
  readonly outcomes: Record<RequestTrace["outcome"], number>;
  readonly latencies: Latencies;
  readonly firstContents: Latencies;
}

interface Minute {
  readonly cells: Map<string, Cell>;
  isDirty: boolean;
}

/** What ends on this node, counted by minute and tenant: a few look-ups for each request. */
export class Traffic {
  readonly #minutes = new Map<number, Minute>();
  #newest = 0;

  /** A request has ended. */
  note(trace: RequestTrace): void {
    const minute = this.#minuteOf(trace.startedAt + trace.durationMs);
    minute.isDirty = true;
    const cell = cellOf(minute.cells, trace.payer);
    cell.outcomes[trace.outcome] += 1;
    if (trace.outcome === "completed") cell.latencies.note(trace.durationMs);
    const first = trace.steps.find(({ step }) => step === "first_content");
    if (first) cell.firstContents.note(first.atMs);
  }

  /** Every minute that has changed since it was last taken, whole, for each owner. Old ones are forgotten. */
  take(): readonly TrafficMinute[] {
    const taken: TrafficMinute[] = [];
    for (const [at, minute] of this.#minutes) {
      if (minute.isDirty) taken.push(...ownersOf(at, minute.cells));
      minute.isDirty = false;
      if (at < this.#newest - MINUTES_KEPT * MINUTE_MS) this.#minutes.delete(at);
    }
    return taken;
  }

  /** What was taken could not be kept: it is to be taken again, as far as it is still known. */
  giveBack(taken: readonly TrafficMinute[]): void {
    for (const { minute } of taken) {
      const kept = this.#minutes.get(minute);
      if (kept) kept.isDirty = true;
    }
  }

  /** One that has been forgotten would begin anew, and what is kept of it be lost: the oldest that is known, then. */
  #minuteOf(atMs: number): Minute {
    const asked = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const at = Math.max(asked, this.#newest - MINUTES_KEPT * MINUTE_MS);
    this.#newest = Math.max(this.#newest, at);
    const there = this.#minutes.get(at);
    if (there) return there;
    const made = { cells: new Map<string, Cell>(), isDirty: false };
    this.#minutes.set(at, made);
    return made;
  }
}

function cellOf(cells: Map<string, Cell>, payer: RequestTrace["payer"]): Cell {
  const there = cells.get(payer.tenantId);
  if (there) return there;
  const isFull = cells.size >= TENANTS_MAX;
  const [id, partnerId] = isFull ? [NOBODY, NOBODY] : [payer.tenantId, payer.partnerId];
  const cell = cells.get(id) ?? newCell(partnerId);
  cells.set(id, cell);
  return cell;
}

function newCell(partnerId: string): Cell {
  return {
    partnerId,
    outcomes: { completed: 0, client_gone: 0, failed: 0, refused: 0 },
    latencies: new Latencies(),
    firstContents: new Latencies(),
  };
}

/** A minute as the platform, each partner and each tenant see it. */
function ownersOf(minute: number, cells: ReadonlyMap<string, Cell>): readonly TrafficMinute[] {
  const tenants = [...cells].filter(([id]) => id !== NOBODY);
  const partners = Map.groupBy(
    tenants.map(([, cell]) => cell),
    ({ partnerId }) => partnerId,
  );
  return [
    together({ level: "platform", id: NOBODY }, minute, cells.values()),
    ...[...partners].map(([id, its]) => together({ level: "partner", id }, minute, its)),
    ...tenants.map(([id, cell]) => together({ level: "tenant", id }, minute, [cell])),
  ];
}

function together(owner: TrafficOwner, minute: number, cells: Iterable<Cell>): TrafficMinute {
  const sum = newCell(NOBODY);
  for (const { outcomes, latencies, firstContents } of cells) {
    sum.outcomes.completed += outcomes.completed;
    sum.outcomes.client_gone += outcomes.client_gone;
    sum.outcomes.failed += outcomes.failed;
    sum.outcomes.refused += outcomes.refused;
    sum.latencies.add(latencies.counted());
    sum.firstContents.add(firstContents.counted());
  }
  return {
    owner,
    minute,
    outcomes: sum.outcomes,
    latencies: sum.latencies.counted(),
    firstContents: sum.firstContents.counted(),
  };
}
