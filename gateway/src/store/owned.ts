import type { Reader } from "./store.ts";

/** Tables whose rows belong to one tenant and are worked out together for each of its callers. */
export type OwnedTable = "groups" | "custom_roles" | "role_mappings" | "model_groups" | "model_access";

/** How many rows of a table a tenant has. */
export async function countOwned(read: Reader, table: OwnedTable, tenantId: string): Promise<number> {
  const row = await read
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<bigint>().as("count"))
    .where("tenant_id", "=", tenantId)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}
