import { newId } from "../../base/ids.ts";
import type { Pico } from "../../base/money.ts";
import {
  type Booking,
  BUCKET_MS,
  type Cell,
  CELL_LEVELS,
  MONTH_CLOSES_MS,
  type Movement,
  type MovementKind,
  type Run,
  type RunSums,
} from "../../core/ledger.ts";
import { PLATFORM_ID } from "../../core/probe.ts";
import type { Months } from "./months.ts";

/** In whose calendar the months of a tenant are. */
export type ZoneOf = (tenantId: string, partnerId: string) => string;

export interface BookingContext {
  readonly zoneOf: ZoneOf;
  readonly months: Months;
  /** Epoch milliseconds. */
  readonly bookedAt: number;
  /** Whether it settled before there was a ledger: then no month was closed to it. */
  readonly isHistory: boolean;
}

/** What a run of settled requests comes to in the ledger and in the roll-ups. */
export function bookingOf(run: Run, sums: readonly RunSums[], context: BookingContext): Booking {
  return {
    run,
    bookedAt: context.bookedAt,
    movements: movementsOf(sums, context),
    cells: cellsOf(sums, context),
  };
}

/** The statement something admitted at `atMs` is a line of, and the month it is about. */
export function statementMonth(
  zone: string,
  atMs: number,
  { months, bookedAt, isHistory }: Omit<BookingContext, "zoneOf">,
): { readonly month: string; readonly forMonth: string } {
  const own = months.of(zone, atMs);
  const isClosed = !isHistory && bookedAt >= own.endMs + MONTH_CLOSES_MS;
  return { month: isClosed ? months.of(zone, bookedAt).label : own.label, forMonth: own.label };
}

/** What went between the same accounts in the same month. */
interface Posting extends Pick<Movement, "partnerId" | "month" | "forMonth"> {
  readonly tenantId: string;
  readonly backendId: string;
  readonly amounts: Record<(typeof POSTED)[number], Pico>;
}

const POSTED = [
  "sale",
  "purchase",
  "upstream",
  "probe",
  "absorbed",
] as const satisfies readonly MovementKind[];

function movementsOf(sums: readonly RunSums[], context: BookingContext): Movement[] {
  const { zoneOf, bookedAt } = context;
  const postings = new Map<string, Posting>();
  for (const { partnerId, tenantId, backendId, bucket, amounts, absorbed } of sums) {
    const { month, forMonth } = statementMonth(zoneOf(tenantId, partnerId), bucket, context);
    const key = [partnerId, tenantId, backendId, month, forMonth].join("\n");
    let posting = postings.get(key);
    if (posting === undefined) {
      const nothing = { sale: 0n, purchase: 0n, upstream: 0n, probe: 0n, absorbed: 0n };
      posting = { partnerId, tenantId, backendId, month, forMonth, amounts: nothing };
      postings.set(key, posting);
    }
    posting.amounts.sale += amounts.tenant;
    posting.amounts.purchase += amounts.partner;
    posting.amounts[tenantId === PLATFORM_ID ? "probe" : "upstream"] += amounts.cost;
    posting.amounts.absorbed += absorbed;
  }
  return [...postings.values()].flatMap(({ amounts, ...of }) =>
    POSTED.filter((kind) => amounts[kind] !== 0n).map((kind) => ({
      id: newId("led", bookedAt),
      kind,
      ...of,
      amount: amounts[kind],
    })),
  );
}

function cellsOf(sums: readonly RunSums[], { bookedAt, isHistory }: BookingContext): Cell[] {
  const cells = new Map<string, Cell>();
  for (const each of sums) {
    const isLate = !isHistory && bookedAt >= each.bucket + BUCKET_MS + MONTH_CLOSES_MS;
    const lateBucket = isLate ? bookedAt - (bookedAt % BUCKET_MS) : 0;
    add(cells, { ...each, level: CELL_LEVELS.detail, lateBucket });
    const model = { ...each, level: CELL_LEVELS.model, lateBucket, userId: "", keyId: "" };
    add(cells, model);
    add(cells, { ...model, level: CELL_LEVELS.tenant, modelSlug: "", backendId: "", status: "" });
  }
  // In one order, whoever books: two nodes do not wait for each other's rows.
  return [...cells].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

function add(cells: Map<string, Cell>, cell: Cell): void {
  const { level, bucket, partnerId, tenantId, userId, keyId, modelSlug, backendId, status } = cell;
  const key = [level, bucket, tenantId, partnerId, userId, keyId, modelSlug, backendId, status].join("\n");
  const there = cells.get(key);
  cells.set(key, there === undefined ? cell : together(there, cell));
}

function together(a: Cell, b: Cell): Cell {
  return {
    ...a,
    requests: a.requests + b.requests,
    tokensIn: a.tokensIn + b.tokensIn,
    tokensOut: a.tokensOut + b.tokensOut,
    amounts: {
      cost: a.amounts.cost + b.amounts.cost,
      partner: a.amounts.partner + b.amounts.partner,
      tenant: a.amounts.tenant + b.amounts.tenant,
    },
    absorbed: a.absorbed + b.absorbed,
  };
}
