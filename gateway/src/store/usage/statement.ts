import type { Scope } from "../../core/scope.ts";
import type { Reader } from "../store.ts";
import { usageCondition, type UsageFilter } from "./filter.ts";
import { SUMS, toSums, type UsageSums } from "./sums.ts";

/** The sums of one model that one tenant has used. */
export interface StatementLine extends UsageSums {
  readonly tenantId: string;
  readonly modelSlug: string;
}

/** Sums per tenant and model, in this order. Rejects with TooManyRows beyond what one answer holds. */
export async function statementLines(
  read: Reader,
  scope: Scope,
  filter: UsageFilter,
): Promise<StatementLine[]> {
  const rows = await read
    .selectFrom("usage")
    .select(SUMS)
    .select(["tenant_id", "model_slug"])
    .where(usageCondition(scope, filter))
    .groupBy(["tenant_id", "model_slug"])
    .orderBy("tenant_id")
    .orderBy("model_slug")
    .execute();
  return rows.map((row) => ({ tenantId: row.tenant_id, modelSlug: row.model_slug, ...toSums(row) }));
}
