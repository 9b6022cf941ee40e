import { type Expression, sql, type SqlBool } from "kysely";
import { joinAmount, type Pico } from "../../base/money.ts";
import type { Account, AccountOwner, MovementKind } from "../../core/ledger.ts";
import type { Scope } from "../../core/scope.ts";
import { present } from "../rows.ts";
import { scoped } from "../scope.ts";
import type { Reader } from "../store.ts";
import { joinSum, SUM_SPLIT } from "../usage/record.ts";

/** One side of a movement. */
export interface Entry {
  /** Of the movement: its other side has the same. */
  readonly id: string;
  readonly side: "to" | "from";
  readonly kind: MovementKind;
  readonly owner: AccountOwner;
  readonly ownerId: string;
  readonly account: Account;
  readonly amount: Pico;
  readonly partnerId: string;
  readonly tenantId?: string;
  readonly backendId?: string;
  readonly month: string;
  readonly forMonth: string;
  readonly batch?: bigint;
  readonly adjustmentId?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Which entries; every field narrows it further. */
export interface EntryFilter {
  readonly month?: string;
  readonly partnerId?: string;
  readonly tenantId?: string;
  readonly backendId?: string;
  readonly owner?: AccountOwner;
  readonly ownerId?: string;
  readonly account?: Account;
  readonly batch?: bigint;
  readonly adjustmentId?: string;
  /** Of the batch that this settled request was booked with, between the same accounts. */
  readonly usageId?: string;
}

/** Where a page ended: the last entry on it. */
export type EntryCursor = Pick<Entry, "id" | "side">;

/** A tenant sees its own accounts, a partner its own and its tenants', the platform all. */
function seen(scope: Scope): Expression<SqlBool> {
  const rows = scoped(scope, { partner: "partner_id", tenant: "tenant_id" });
  if (scope.level === "platform") return rows;
  const owners = scope.level === "partner" ? sql`owner <> 'backend'` : sql`owner = 'tenant'`;
  return sql<SqlBool>`(${rows} and ${owners})`;
}

function condition(scope: Scope, filter: EntryFilter): Expression<SqlBool> {
  const columns = {
    month: filter.month,
    partner_id: filter.partnerId,
    tenant_id: filter.tenantId,
    backend_id: filter.backendId,
    owner: filter.owner,
    owner_id: filter.ownerId,
    account: filter.account,
    batch: filter.batch,
    adjustment_id: filter.adjustmentId,
  };
  const all = [seen(scope)];
  for (const [column, value] of Object.entries(columns)) {
    if (value !== undefined) all.push(sql<SqlBool>`${sql.ref(column)} = ${value}`);
  }
  if (filter.usageId !== undefined) all.push(ofRequest(scope, filter.usageId));
  return sql<SqlBool>`(${sql.join(all, sql` and `)})`;
}

/** The request has to be in the scope itself: of others it is not told that they are there. */
function ofRequest(scope: Scope, usageId: string): Expression<SqlBool> {
  const owned = scoped(scope, { partner: "u.partner_id", tenant: "u.tenant_id" });
  return sql<SqlBool>`exists (select 1 from usage as u join ledger_batches as b
    on b.last_seq = (select min(n.last_seq) from ledger_batches as n where n.last_seq >= u.seq)
    where u.id = ${usageId} and ${owned} and b.after_seq < u.seq and ledger_entries.batch = b.last_seq
    and ledger_entries.tenant_id = u.tenant_id and ledger_entries.backend_id = u.backend_id)`;
}

/** Entries within the scope, newest first. */
export async function listEntries(
  read: Reader,
  scope: Scope,
  filter: EntryFilter,
  page: { readonly limit: number; readonly after?: EntryCursor },
): Promise<Entry[]> {
  const { after } = page;
  let query = read
    .selectFrom("ledger_entries")
    .selectAll()
    .where(condition(scope, filter))
    .orderBy("id", "desc")
    .orderBy("side", "desc")
    .limit(page.limit);
  if (after !== undefined) {
    query = query.where((eb) => eb(eb.refTuple("id", "side"), "<", eb.tuple(after.id, after.side)));
  }
  return (await query.execute()).map((row) => ({
    id: row.id,
    side: row.side,
    kind: row.kind,
    owner: row.owner,
    ownerId: row.owner_id,
    account: row.account,
    amount: joinAmount(row),
    partnerId: row.partner_id,
    month: row.month,
    forMonth: row.for_month,
    ...present({
      tenantId: row.tenant_id,
      backendId: row.backend_id,
      batch: row.batch,
      adjustmentId: row.adjustment_id,
    }),
    at: Number(row.at),
  }));
}

/** What an account has come to. */
export interface Balance {
  readonly owner: AccountOwner;
  readonly ownerId: string;
  readonly account: Account;
  readonly balance: Pico;
}

const split = sql.lit(SUM_SPLIT);
/** As `ledger_totals` names them. */
const ALL_MONTHS = "";

/** Which entries a balance is of. */
export type BalanceFilter = Omit<EntryFilter, "batch" | "adjustmentId" | "usageId">;

/**
 * Balances within the scope, by owner and account, from after the one given. They are sums of totals: what they cost does
 * not grow with the number of movements.
 */
export async function listBalances(
  read: Reader,
  scope: Scope,
  filter: BalanceFilter,
  page: { readonly limit: number; readonly after?: Omit<Balance, "balance"> },
): Promise<Balance[]> {
  const { after } = page;
  const columns = ["owner", "owner_id", "account"] as const;
  let query = read
    .selectFrom("ledger_account_totals")
    .select([
      ...columns,
      sql<bigint>`cast(sum(units) as bigint)`.as("units"),
      sql<bigint>`cast(sum(pico / ${split}) as bigint)`.as("high"),
      sql<bigint>`cast(sum(pico % ${split}) as bigint)`.as("low"),
    ])
    .where(condition(scope, { ...filter, month: filter.month ?? ALL_MONTHS }))
    .groupBy(columns)
    .orderBy("owner")
    .orderBy("owner_id")
    .orderBy("account")
    .limit(page.limit);
  if (after !== undefined) {
    query = query.where((eb) =>
      eb(eb.refTuple(...columns), ">", eb.tuple(after.owner, after.ownerId, after.account)),
    );
  }
  return (await query.execute()).map((row) => ({
    owner: row.owner,
    ownerId: row.owner_id,
    account: row.account,
    balance: joinAmount({ units: row.units, pico: joinSum(row.high, row.low) }),
  }));
}
