import { z } from "zod";
import type { PriceEntry } from "../../core/price-book.ts";
import { endOf, latestOf } from "../../pricing/book.ts";
import { percentOf } from "../../pricing/mark-up.ts";
import { tieredPricesOf } from "../../pricing/tiers.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, prices, timestamp } from "../fields.ts";

export const ENTRY_STATES = ["scheduled", "in_force", "superseded", "ended", "unreadable"] as const;
type EntryState = (typeof ENTRY_STATES)[number];

/** A line of a price book, as those see it who may make it. */
export const entryView = z
  .strictObject({
    id: z.string(),
    partner_id: z.string(),
    tenant_id: z.string().optional().describe("Absent: it says what the partner pays the platform."),
    model_id: z.string().describe("`*`: every model that has no entry of its own."),
    model: z.string().optional().describe("Its slug, as long as there is such a model."),
    prices: prices.optional().describe("What is paid in place of the price of the level above."),
    mark_up_percent: z.string().optional().describe("By how much the price of the level above is raised."),
    effective_from: timestamp,
    effective_until: timestamp.optional().describe("From then on the entry before it is in force again."),
    state: z
      .enum(ENTRY_STATES)
      .describe(
        "`unreadable`: what the store has of it is no price; while it would be in force there is none.",
      ),
    set_by: z.enum(["platform", "partner"]),
    created_at: timestamp,
  })
  .meta({ id: "PriceEntry" });

/** Tells an entry that is no end of another. */
export function viewEntry(
  entry: PriceEntry,
  deps: Pick<AdminDeps, "snapshot" | "clock">,
): z.infer<typeof entryView> {
  const { snapshot } = deps;
  const { terms, tenantId } = entry;
  const model = snapshot.modelById(entry.modelId)?.slug;
  const endsAt = endOf(entry, bookOf(entry, deps));
  return {
    id: entry.id,
    partner_id: entry.partnerId,
    ...(tenantId !== undefined && { tenant_id: tenantId }),
    model_id: entry.modelId,
    ...(model !== undefined && { model }),
    ...(terms.kind === "price" && { prices: tieredPricesOf(terms) }),
    ...(terms.kind === "mark_up" && { mark_up_percent: percentOf(terms.ppm) }),
    effective_from: isoTime(entry.effectiveFrom),
    ...(Number.isFinite(endsAt) && { effective_until: isoTime(endsAt) }),
    state: stateOf(entry, endsAt, deps),
    set_by: entry.setBy,
    created_at: isoTime(entry.createdAt),
  };
}

function stateOf(entry: PriceEntry, endsAt: number, deps: Pick<AdminDeps, "snapshot" | "clock">): EntryState {
  const now = deps.clock.now();
  if (endsAt <= Math.max(now, entry.effectiveFrom)) return "ended";
  if (entry.terms.kind === "price" && entry.terms.isUnreadable === true) return "unreadable";
  if (entry.effectiveFrom > now) return "scheduled";
  return latestOf(bookOf(entry, deps), entry.modelId, now)?.id === entry.id ? "in_force" : "superseded";
}

function bookOf({ tenantId, partnerId }: PriceEntry, { snapshot }: Pick<AdminDeps, "snapshot">) {
  return snapshot.prices.bookOf(tenantId ?? partnerId) ?? { entries: new Map(), endedAt: new Map() };
}
