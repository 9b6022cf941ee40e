import { joinAmount } from "../../base/money.ts";
import type { BudgetLimits, BudgetWindow, Measure } from "../../core/budget.ts";
import type { PostgresRow, RunStatement } from "../postgres/open.ts";
import { present } from "../rows.ts";
import { FREE_REQUESTS, LAST_WINDOWS } from "./shared-statements.ts";

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
}

/** What has become of it. Budgets that are gone have no standing. */
export interface AnsweredHold {
  readonly isHeld: boolean;
  readonly standings: readonly StoredStanding[];
}

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
  }[];
}

/** What nodes that share a store have set aside in budgets, as PostgreSQL keeps it. */
export class SharedHolds {
  readonly #run: RunStatement;

  constructor(run: RunStatement) {
    this.#run = run;
  }

  /**
   * Sets aside for each of these requests in all its budgets or in none, in one transaction and one round trip.
   * Undefined for a node that the store does not know or has closed. Rejects with StoreUnavailable: then nobody knows
   * whether it was done.
   */
  async hold(nodeId: string, asked: readonly AskedHold[]): Promise<readonly AnsweredHold[] | undefined> {
    const [row] = await this.#run(
      "select scaigrid_hold_budgets($1::text, $2::text::jsonb)::text as answers",
      [nodeId, JSON.stringify(asked.map(storedAsked))],
    );
    const answers = row?.["answers"];
    if (typeof answers !== "string") return undefined;
    return (JSON.parse(answers) as readonly StoredAnswer[]).map(toAnswer);
  }

  /** Gives back what these requests hold, in one budget or in all. Rejects with StoreUnavailable. */
  async release(requestIds: readonly string[], budgetId?: string): Promise<void> {
    await this.#run(FREE_REQUESTS, [JSON.stringify(requestIds), budgetId ?? null]);
  }

  /** How the last windows of budgets stand; of one that was never used there is none. */
  async standings(budgetIds: readonly string[]): Promise<readonly StoredStanding[]> {
    return (await this.#run(LAST_WINDOWS, [JSON.stringify(budgetIds)])).map(toStanding);
  }

  /**
   * Notes that a node names a budget in each of its requests and has nothing left to tell of others. Says whether every
   * node has, but for those not heard of for `silentMs`.
   */
  async acknowledge(budgetId: string, nodeId: string, silentMs: number): Promise<boolean> {
    await this.#run(
      "insert into budget_acks (budget_id, node_id) select id, $2 from budgets where id = $1 on conflict do nothing",
      [budgetId, nodeId],
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
    standings: states.map(({ budget, start, end, spent, held, limits: [pico, tokens, requests] }) => ({
      budgetId: budget,
      window: { start, ...present({ end }) },
      spent: measureOf(spent),
      held: measureOf(held),
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
