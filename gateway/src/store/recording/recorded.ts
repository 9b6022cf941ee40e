import { tieredPricesOf } from "../../pricing/tiers.ts";
import { toPrice } from "../prices/reader.ts";
import { present } from "../rows.ts";
import { RECORDED } from "./columns.ts";
import type { RecordedKind, RecordedTable, Told } from "./told.ts";

/** What an engine gives for a column. */
export type StoredValue = string | bigint | Uint8Array | null;
/** A row as an engine gives it. */
export type StoredRow = Readonly<Record<string, StoredValue>>;

/** What a commit did to one row of a recorded table: without `before` it was made, without `after` deleted. */
export interface RowEffect {
  readonly table: RecordedTable;
  readonly before?: StoredRow;
  readonly after?: StoredRow;
}

/** Who a row belongs to, as far as the row itself says. */
export interface RowOwner {
  readonly partnerId?: string;
  readonly tenantId?: string;
  readonly userId?: string;
  /** It is in nobody's log below the platform, whoever has done it: what providers and partners are paid or pay. */
  readonly isPlatforms?: true;
}

/** The same in the words of the API. */
export interface Recorded {
  readonly kind: RecordedKind;
  readonly owner: RowOwner;
  /** Undefined where the row's name is itself a secret. */
  readonly id: string | undefined;
  readonly verb: "created" | "updated" | "deleted";
  /** What changed, from and to; null = there was or is nothing. */
  readonly changes: Readonly<Record<string, readonly [unknown, unknown]>>;
}

/** Whether changes to this table are on record. */
export function isRecorded(table: string): table is RecordedTable {
  return Object.hasOwn(RECORDED, table);
}

/** The text in the column that names a row. */
export function rowId(table: RecordedTable, row: StoredRow): string {
  return String(row[RECORDED[table].id]);
}

const REDACTED = "[redacted]";

/** Tells what was done to a row: no secret, nothing that did not change. */
export function recorded({ table, before, after }: RowEffect): Recorded {
  const { kind, id, columns } = RECORDED[table];
  const told: readonly (readonly [string, Told])[] = Object.entries(columns);
  const changes: Record<string, readonly [unknown, unknown]> = {};
  for (const [column, how] of told) {
    const from = before?.[column] ?? null;
    const to = after?.[column] ?? null;
    if (how === "hidden" || from === to) continue;
    changes[how === "prices" ? "prices" : column] = [tell(from, how), tell(to, how)];
  }
  const isNameSecret = told.some(([column, how]) => column === id && how === "secret");
  const row = after ?? before ?? {};
  return {
    kind,
    owner: ownerOf(table, row),
    id: isNameSecret ? undefined : rowId(table, row),
    verb: before === undefined ? "created" : after === undefined ? "deleted" : "updated",
    changes,
  };
}

const PLATFORMS: RowOwner = { isPlatforms: true };

function ownerOf(table: RecordedTable, row: StoredRow): RowOwner {
  // Of those who may make it: whoever pays is not told how it came about.
  if (table === "price_entries") return row["tenant_id"] === null ? PLATFORMS : partnerOf(row);
  const isCost = table === "price_versions" && row["subject_kind"] === "backend";
  if (isCost || table === "backends") return PLATFORMS;
  const own = table === "partners" ? "partner_id" : table === "tenants" ? "tenant_id" : undefined;
  const text = (column: string): string | undefined => {
    const value = column === own ? row["id"] : row[column];
    return typeof value === "string" ? value : undefined;
  };
  return present({
    partnerId: text("partner_id"),
    tenantId: text("tenant_id"),
    userId: table === "users" ? text("id") : text("user_id"),
  });
}

function partnerOf({ partner_id: id }: StoredRow): RowOwner {
  return typeof id === "string" ? { partnerId: id } : {};
}

function tell(value: StoredValue, how: Told): unknown {
  if (value === null) return null;
  switch (how) {
    case "secret":
      return REDACTED;
    case "time":
      return new Date(Number(value)).toISOString();
    case "integer":
      return Number(value);
    case "flag":
      return value === 1n;
    case "json":
      return JSON.parse(String(value));
    case "prices":
      return tieredPricesOf(toPrice(String(value)));
    case "text":
    case "hidden":
      return String(value);
  }
}
