import { formatAmount, parseSigned } from "../../base/money.ts";
import { sql, type SqlBool } from "kysely";
import { type Adjustment, MONTH_CLOSES_MS, type Movement } from "../../core/ledger.ts";
import type { Scope } from "../../core/scope.ts";
import { present } from "../rows.ts";
import { type OwnerColumns, scoped } from "../scope.ts";
import type { Reader } from "../store.ts";
import { build, type Write } from "../write.ts";
import type { StatementMonth } from "../usage/statement.ts";
import { movementRow } from "./rows.ts";
import type { AdjustmentsTable } from "./tables.ts";

const OWNERS: OwnerColumns = { partner: "partner_id", tenant: "tenant_id" };

/** Adds an adjustment and its movement in the ledger. */
export function addAdjustment(adjustment: Adjustment, movement: Movement): Write[] {
  const row: AdjustmentsTable = {
    id: adjustment.id,
    partner_id: adjustment.partnerId,
    tenant_id: adjustment.tenantId ?? null,
    month: adjustment.month,
    for_month: adjustment.forMonth,
    amount: formatAmount(adjustment.amount),
    reason: adjustment.reason,
    created_by: adjustment.createdBy,
    created_at: BigInt(adjustment.createdAt),
  };
  const moved = movementRow(movement, adjustment.createdAt, { adjustmentId: adjustment.id });
  return [
    { statement: build.insertInto("adjustments").values(row), about: "adjustment", expectRows: 1 },
    { statement: build.insertInto("ledger_movements").values(moved), about: "ledger", expectRows: 1 },
  ];
}

/** Which adjustments, and where in the list. */
export interface AdjustmentsPage {
  readonly month?: string;
  readonly partnerId?: string;
  readonly tenantId?: string;
  readonly beforeId?: string;
  readonly limit: number;
}

/** The adjustments within a scope, newest first. */
export async function listAdjustments(
  read: Reader,
  scope: Scope,
  page: AdjustmentsPage,
): Promise<Adjustment[]> {
  let query = read.selectFrom("adjustments").selectAll().where(scoped(scope, OWNERS));
  if (page.month !== undefined) query = query.where("month", "=", page.month);
  if (page.partnerId !== undefined) query = query.where("partner_id", "=", page.partnerId);
  if (page.tenantId !== undefined) query = query.where("tenant_id", "=", page.tenantId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.orderBy("id", "desc").limit(page.limit).execute()).map(toAdjustment);
}

/** A month as a statement has it: by whichever calendar it is read. */
export interface AdjustedMonth extends StatementMonth {
  readonly label: string;
  readonly previousLabel: string;
}

/**
 * The adjustments of a month's statement, newest first: those about it that were made before it was closed, and those about
 * earlier months that were made in it when these were. Closed by the calendar it is read by, which may be another than that
 * of whose bill it is: so a closed statement stays as it is, whoever reads it.
 */
export async function statementAdjustments(
  read: Reader,
  scope: Scope,
  { partnerId, tenantId, limit }: Pick<AdjustmentsPage, "partnerId" | "tenantId" | "limit">,
  { label, previousLabel, startMs, endMs }: AdjustedMonth,
): Promise<Adjustment[]> {
  const [start, end] = [BigInt(startMs), BigInt(endMs)];
  const [opens, closes] = [BigInt(startMs + MONTH_CLOSES_MS), BigInt(endMs + MONTH_CLOSES_MS)];
  let query = read
    .selectFrom("adjustments")
    .selectAll()
    .where(scoped(scope, OWNERS))
    .where(
      sql<SqlBool>`((for_month = ${label} and created_at < ${closes})
        or (for_month < ${label} and created_at >= ${start} and created_at < ${end}
          and not (for_month = ${previousLabel} and created_at < ${opens})))`,
    );
  if (partnerId !== undefined) query = query.where("partner_id", "=", partnerId);
  if (tenantId !== undefined) query = query.where("tenant_id", "=", tenantId);
  return (await query.orderBy("id", "desc").limit(limit).execute()).map(toAdjustment);
}

function toAdjustment(row: AdjustmentsTable): Adjustment {
  const amount = parseSigned(row.amount);
  if (amount === undefined) throw new Error(`the amount of the adjustment ${row.id} is none`);
  return {
    id: row.id,
    partnerId: row.partner_id,
    ...present({ tenantId: row.tenant_id }),
    month: row.month,
    forMonth: row.for_month,
    amount,
    reason: row.reason,
    createdBy: row.created_by,
    createdAt: Number(row.created_at),
  };
}
