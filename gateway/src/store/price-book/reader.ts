import type { EntryTerms, PriceEntry } from "../../core/price-book.ts";
import type { Scope } from "../../core/scope.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { priceOfRow } from "../prices/reader.ts";
import { optionalNumber, present } from "../rows.ts";
import { scoped } from "../scope.ts";
import type { Reader } from "../store.ts";
import type { PriceEntriesTable } from "./table.ts";

/** A partner has its tenants' entries, but not those that say what it pays itself. */
const COLUMNS = { partner: "partner_id" };

function toTerms(row: PriceEntriesTable): EntryTerms {
  switch (row.kind) {
    case "price":
      return { kind: "price", ...priceOfRow(row.rates ?? "") };
    case "mark_up":
      return { kind: "mark_up", ppm: Number(row.mark_up_ppm) };
    case "end":
      return { kind: "end", entryId: row.ended_id ?? "" };
  }
}

function toEntry(row: PriceEntriesTable): PriceEntry {
  return {
    id: row.id,
    partnerId: row.partner_id,
    modelId: row.model_id,
    terms: toTerms(row),
    effectiveFrom: Number(row.effective_from),
    setBy: row.set_by,
    createdAt: Number(row.created_at),
    ...present({ tenantId: row.tenant_id, effectiveUntil: optionalNumber(row.effective_until) }),
  };
}

export async function loadPriceEntries(read: Reader): Promise<PriceEntry[]> {
  const query = read.selectFrom("price_entries").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toEntry);
}

export async function loadPriceEntry(read: Reader, id: string): Promise<PriceEntry | undefined> {
  const row = await read.selectFrom("price_entries").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toEntry(row);
}

export interface EntryPage {
  readonly limit: number;
  readonly subjectId?: string;
  readonly modelId?: string;
  /** The last id of the page before. */
  readonly beforeId?: string;
}

/** Entries that those may see who can make them, newest first; the ones that end others are left out. */
export async function listPriceEntries(read: Reader, scope: Scope, page: EntryPage): Promise<PriceEntry[]> {
  let query = seen(read, scope).where("kind", "!=", "end");
  if (page.subjectId !== undefined) query = query.where("subject_id", "=", page.subjectId);
  if (page.modelId !== undefined) query = query.where("model_id", "=", page.modelId);
  if (page.beforeId !== undefined) query = query.where("id", "<", page.beforeId);
  return (await query.orderBy("id", "desc").limit(page.limit).execute()).map(toEntry);
}

/** One of them. */
export async function findPriceEntry(
  read: Reader,
  scope: Scope,
  id: string,
): Promise<PriceEntry | undefined> {
  const row = await seen(read, scope).where("id", "=", id).where("kind", "!=", "end").executeTakeFirst();
  return row && toEntry(row);
}

function seen(read: Reader, scope: Scope) {
  const query = read.selectFrom("price_entries").selectAll().where(scoped(scope, COLUMNS));
  return scope.level === "partner" ? query.where("tenant_id", "is not", null) : query;
}
