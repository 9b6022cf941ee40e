import { z } from "zod";
import { newId } from "../../base/ids.ts";
import type { PriceEntry } from "../../core/price-book.ts";
import { ApiError } from "../../errors.ts";
import { endOf } from "../../pricing/book.ts";
import { createPriceEntry } from "../../store/price-book/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { entryView, viewEntry } from "./entry-view.ts";
import { seenEntry } from "./get.ts";
import { readOnly } from "./payer.ts";

export const endPriceEntry = adminEndpoint({
  method: "DELETE",
  path: "/v1/accounting/price-books/{entry_id}",
  access: "accounting:manage_prices",
  tag: "Prices",
  operationId: "endPriceEntry",
  summary:
    "End an entry now: the one before it is in force again. It stays on record, as what was charged by it does",
  costBearing: false,
  auditAction: "price_entry.end",
  errors: ["CONFLICT"],
  params: z.strictObject({ entry_id: z.string() }),
  response: entryView,
  async handle({ principal, params }, deps) {
    const entry = await seenEntry(params.entry_id, principal, deps);
    const isPlatform = principal.permissions.has("platform:manage");
    if (!isPlatform && entry.setBy === "platform") throw readOnly();
    const now = deps.clock.now();
    const book = deps.snapshot.prices.bookOf(entry.tenantId ?? entry.partnerId);
    if (book && endOf(entry, book) <= now) throw new ApiError("CONFLICT", "This entry has ended.");
    const { tenantId } = entry;
    const end: PriceEntry = {
      id: newId("entry", now),
      partnerId: entry.partnerId,
      ...(tenantId !== undefined && { tenantId }),
      modelId: entry.modelId,
      terms: { kind: "end", entryId: entry.id },
      effectiveFrom: now,
      setBy: isPlatform ? "platform" : "partner",
      createdAt: now,
    };
    await committed(deps.commit(createPriceEntry(end, now)), {});
    return { kind: "data", data: viewEntry(entry, deps) };
  },
});
