import type { BackendGrant } from "../../core/backend-grant.ts";
import type { Scope } from "../../core/scope.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { present } from "../rows.ts";
import { scoped } from "../scope.ts";
import type { Reader } from "../store.ts";
import type { BackendGrantsTable } from "./table.ts";

const COLUMNS = { partner: "partner_id", tenant: "tenant_id" };

function toGrant(row: BackendGrantsTable): BackendGrant {
  return {
    id: row.id,
    backendId: row.backend_id,
    partnerId: row.partner_id,
    ...present({ tenantId: row.tenant_id }),
    by: row.granted_by,
    createdAt: Number(row.created_at),
  };
}

export async function loadGrants(read: Reader): Promise<BackendGrant[]> {
  const query = read.selectFrom("backend_grants").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toGrant);
}

/** One grant, if it is within the scope. */
export async function findGrant(
  read: Reader,
  id: string,
  scope: Scope = { level: "platform" },
): Promise<BackendGrant | undefined> {
  const query = read.selectFrom("backend_grants").selectAll().where("id", "=", id);
  const row = await query.where(scoped(scope, COLUMNS)).executeTakeFirst();
  return row && toGrant(row);
}

export interface GrantPage {
  readonly limit: number;
  readonly backendId?: string;
  readonly partnerId?: string;
  readonly tenantId?: string;
  /** The last id of the page before. */
  readonly beforeId?: string;
}

/** Grants within a scope, newest first. */
export async function listGrants(read: Reader, scope: Scope, page: GrantPage): Promise<BackendGrant[]> {
  let query = read.selectFrom("backend_grants").selectAll().where(scoped(scope, COLUMNS));
  if (page.backendId !== undefined) query = query.where("backend_id", "=", page.backendId);
  if (page.partnerId !== undefined) query = query.where("partner_id", "=", page.partnerId);
  if (page.tenantId !== undefined) query = query.where("tenant_id", "=", page.tenantId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.orderBy("id", "desc").limit(page.limit).execute()).map(toGrant);
}
