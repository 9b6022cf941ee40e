import { joinAmount } from "../../base/money.ts";
import type { Budget, BudgetLimits, BudgetWindow, Measure } from "../../core/budget.ts";
import type { Away } from "../../escrow/judge.ts";
import { minus } from "../../escrow/measure.ts";
import type { PostgresRow, RunStatement } from "../postgres/open.ts";
import { optionalInteger, present } from "../rows.ts";
import { LAST_WINDOWS } from "./shared-statements.ts";

/** What one request asks to have set aside. */
export interface AskedHold {
  readonly requestId: string;
  readonly wants: readonly (Measure & { readonly budgetId: string; readonly zone: string })[];
  /** Whatever is left, since it is in flight already: since that instant (epoch milliseconds). */
  readonly admittedAt?: number;
}

/** How a window stands in the store, and the limits in force there. */
export interface StoredStanding {
  readonly budgetId: string;
  readonly window: BudgetWindow;
  readonly spent: Measure;
  readonly held: Measure;
  readonly limits?: BudgetLimits;
  /** Of what speaks against a request, that which will not come back by itself. */
  readonly away?: Away;
}

/** What has become of it. Budgets that are gone have no standing. */
export interface AnsweredHold {
  readonly isHeld: boolean;
  readonly standings: readonly StoredStanding[];
}

/** What a request holds, in one budget or in all, that is to be given back. */
export interface FreedHold {
  readonly requestId: string;
  readonly budgetId: string | undefined;
}

/** What a request in flight holds in one window of one budget. */
export interface AssertedHold extends Measure {
  readonly requestId: string;
  readonly budgetId: string;
  readonly window: BudgetWindow;
}

/** A budget as a node knows it. */
export type Acknowledged = Pick<Budget, "id" | "hardAction" | "rearmingAt">;

/** What came of asking: nothing, where the node has no turn any more, or has to tell the store first what it holds. */
export type HoldsAnswer =
  | { readonly kind: "answers"; readonly answers: readonly AnsweredHold[] }
  | { readonly kind: "out_of_turn" | "waits"; readonly answers?: never };

type Triple = readonly [string | null, number | null, number | null];
interface StoredAnswer {
  readonly takes: boolean;
  readonly states: readonly {
    readonly budget: string;
    readonly start: number;
    readonly end: number | null;
    readonly spent: Triple;
    readonly held: Triple;
    readonly limits: Triple;
    readonly away: { readonly all: Triple; readonly held: Triple; readonly nodes: readonly string[] } | null;
  }[];
}

/** What nodes that share a store have set aside in budgets, as PostgreSQL keeps it. */
export class SharedHolds {
  readonly #run: RunStatement;
  readonly #prompt: RunStatement;

  /** `prompt` runs what callers wait for. */
  constructor(run: RunStatement, prompt = run) {
    this.#run = run;
    this.#prompt = prompt;
  }

  /**
   * Sets aside for each of these requests in all its budgets or in none, in one transaction and one round trip. `turn`
   * rises with every statement of the node that moves holds: one that comes late changes nothing. Rejects with
   * StoreUnavailable: then nobody knows whether it was done, until the next turn.
   */
  async hold(nodeId: string, turn: bigint, asked: readonly AskedHold[]): Promise<HoldsAnswer> {
    const [row] = await this.#prompt(
      "select scaigrid_hold_budgets($1::text, $2::bigint, $3::text::jsonb)::text as answers",
      [nodeId, turn, JSON.stringify(asked.map(storedAsked))],
    );
    const answers = row?.["answers"];
    if (typeof answers !== "string") return { kind: "out_of_turn" };
    const read: readonly StoredAnswer[] | "waits" = JSON.parse(answers);
    return read === "waits" ? { kind: "waits" } : { kind: "answers", answers: read.map(toAnswer) };
  }

  /**
   * Gives back what requests of the node hold, in the same turns. Says whether it was the node's turn: it has none once
   * it is closed. Rejects with StoreUnavailable.
   */
  async free(nodeId: string, turn: bigint, freed: readonly FreedHold[]): Promise<boolean> {
    const rows = freed.map(({ requestId, budgetId }) => ({ id: requestId, budget: budgetId }));
    const [row] = await this.#prompt(
      "select scaigrid_free_holds($1::text, $2::bigint, $3::text::jsonb) as done",
      [nodeId, turn, JSON.stringify(rows)],
    );
    return row?.["done"] === true;
  }

  /**
   * Tells a server that has begun anew what is in flight on the node: it is set aside whatever is left. Says whether it
   * was that server which heard it. Rejects with StoreUnavailable.
   */
  async reassert(nodeId: string, storeStart: string, holds: readonly AssertedHold[]): Promise<boolean> {
    const rows = holds.map(({ requestId, budgetId, window, pico, tokens, requests }) => ({
      request: requestId,
      budget: budgetId,
      ...window,
      pico: pico.toString(),
      tokens,
      requests,
    }));
    const [row] = await this.#run(
      "select scaigrid_reassert_holds($1::text, $2::text, $3::text::jsonb) as done",
      [nodeId, storeStart, JSON.stringify(rows)],
    );
    return row?.["done"] === true;
  }

  /** How the last windows of budgets stand; of one that was never used there is none. */
  async standings(budgetIds: readonly string[]): Promise<readonly StoredStanding[]> {
    return (await this.#run(LAST_WINDOWS, [JSON.stringify(budgetIds)])).map(toStanding);
  }

  /**
   * Notes that a node names a budget, as it is here, in each of its requests and has nothing left to tell of others. Says
   * whether every node has, but for those not heard of for `silentMs`.
   */
  async acknowledge(budget: Acknowledged, nodeId: string, silentMs: number): Promise<boolean> {
    const { id: budgetId, hardAction, rearmingAt } = budget;
    // Locked: a node must not acknowledge what is being changed.
    await this.#run(
      "insert into budget_acks (budget_id, node_id) select id, $2 from budgets where id = $1 and hard_action = $3 " +
        "and rearming_at is not distinct from $4::bigint for share on conflict do nothing",
      [budgetId, nodeId, hardAction, optionalInteger(rearmingAt)],
    );
    const missing = await this.#run(
      "select 1 from nodes where closed_at is null " +
        "and heard_at > (extract(epoch from clock_timestamp()) * 1000)::bigint - $2 " +
        "and id not in (select node_id from budget_acks where budget_id = $1) limit 1",
      [budgetId, BigInt(silentMs)],
    );
    return missing.length === 0;
  }
}

function storedAsked({ requestId, wants, admittedAt }: AskedHold) {
  return {
    id: requestId,
    force: admittedAt !== undefined,
    at: admittedAt,
    wants: wants.map(({ budgetId, zone, pico, tokens, requests }) => ({
      budget: budgetId,
      zone,
      pico: pico.toString(),
      tokens,
      requests,
    })),
  };
}

function measureOf([pico, tokens, requests]: Triple): Measure {
  return { pico: BigInt(pico ?? 0), tokens: tokens ?? 0, requests: requests ?? 0 };
}

function toAnswer({ takes, states }: StoredAnswer): AnsweredHold {
  return {
    isHeld: takes,
    standings: states.map(({ budget, start, end, spent, held, away, limits: [pico, tokens, requests] }) => ({
      budgetId: budget,
      window: { start, ...present({ end }) },
      spent: measureOf(spent),
      held: away === null ? measureOf(held) : minus(measureOf(held), measureOf(away.held)),
      ...(away && { away: { ...measureOf(away.all), nodeIds: away.nodes } }),
      limits: present({ pico: pico === null ? null : BigInt(pico), tokens, requests }),
    })),
  };
}

function toStanding(row: PostgresRow): StoredStanding {
  const integer = (column: string): bigint => {
    const value = row[column];
    if (typeof value === "bigint") return value;
    return typeof value === "string" ? BigInt(value) : 0n;
  };
  const end = row["ends_at"] === null ? {} : { end: Number(integer("ends_at")) };
  return {
    budgetId: String(row["budget_id"]),
    window: { start: Number(integer("starts_at")), ...end },
    spent: {
      pico: joinAmount({ units: integer("spent_units"), pico: integer("spent_pico") }),
      tokens: Number(integer("spent_tokens")),
      requests: Number(integer("spent_requests")),
    },
    held: {
      pico: integer("held_pico"),
      tokens: Number(integer("held_tokens")),
      requests: Number(integer("held_requests")),
    },
  };
}
