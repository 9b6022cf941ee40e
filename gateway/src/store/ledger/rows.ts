import { PICO_PER_UNIT, type Pico, type SplitAmount } from "../../base/money.ts";
import type { Booking, Cell, Movement } from "../../core/ledger.ts";
import type { LedgerMovementsTable, UsageCellsTable } from "./tables.ts";

/** An amount as two columns of one sign. */
export function splitAmount(amount: Pico): SplitAmount {
  return { units: amount / PICO_PER_UNIT, pico: amount % PICO_PER_UNIT };
}

/** A movement as a row: of a batch, or of an adjustment. */
export function movementRow(
  movement: Movement,
  at: number,
  of: { readonly batch: bigint } | { readonly adjustmentId: string },
): LedgerMovementsTable {
  const { units, pico } = splitAmount(movement.amount);
  return {
    id: movement.id,
    kind: movement.kind,
    partner_id: movement.partnerId,
    tenant_id: movement.tenantId ?? null,
    backend_id: movement.backendId ?? null,
    month: movement.month,
    for_month: movement.forMonth,
    units,
    pico,
    batch: "batch" in of ? of.batch : null,
    adjustment_id: "batch" in of ? null : of.adjustmentId,
    at: BigInt(at),
  };
}

export function movementRows({ movements, bookedAt, run }: Booking): readonly LedgerMovementsTable[] {
  return movements.map((movement) => movementRow(movement, bookedAt, { batch: run.last }));
}

/** The order of the columns is that of the statement which SQLite prepares once. */
export function cellRow(cell: Cell): UsageCellsTable {
  const [cost, partner, tenant] = [cell.amounts.cost, cell.amounts.partner, cell.amounts.tenant].map(
    splitAmount,
  );
  return {
    level: cell.level,
    bucket: BigInt(cell.bucket),
    tenant_id: cell.tenantId,
    partner_id: cell.partnerId,
    user_id: cell.userId,
    api_key_id: cell.keyId,
    model_slug: cell.modelSlug,
    backend_id: cell.backendId,
    status: cell.status,
    late_bucket: BigInt(cell.lateBucket),
    requests: BigInt(cell.requests),
    tokens_in: BigInt(cell.tokensIn),
    tokens_out: BigInt(cell.tokensOut),
    cost_units: cost?.units ?? 0n,
    cost_pico: cost?.pico ?? 0n,
    partner_units: partner?.units ?? 0n,
    partner_pico: partner?.pico ?? 0n,
    tenant_units: tenant?.units ?? 0n,
    tenant_pico: tenant?.pico ?? 0n,
  };
}

const added = (column: string) => `${column} = usage_cells.${column} + excluded.${column}`;

/** What is more than a unit of the pico is carried into the units. */
const carried = (name: string) =>
  `${name}_units = usage_cells.${name}_units + excluded.${name}_units + ` +
  `(usage_cells.${name}_pico + excluded.${name}_pico) / ${PICO_PER_UNIT}, ` +
  `${name}_pico = (usage_cells.${name}_pico + excluded.${name}_pico) % ${PICO_PER_UNIT}`;

/** How a cell that is there is added to, on either engine. */
export const CELL_ADDED =
  "on conflict (level, bucket, tenant_id, partner_id, user_id, api_key_id, model_slug, backend_id, status, late_bucket) " +
  `do update set ${["requests", "tokens_in", "tokens_out"].map(added).join(", ")}, ` +
  ["cost", "partner", "tenant"].map(carried).join(", ");
