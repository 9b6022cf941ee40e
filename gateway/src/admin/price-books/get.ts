import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import type { PriceEntry } from "../../core/price-book.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { findPriceEntry } from "../../store/price-book/reader.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { entryView, viewEntry } from "./entry-view.ts";

/** An entry that the caller may see. Throws ApiError NOT_FOUND, for another's as for none. */
export async function seenEntry(
  id: string,
  principal: Principal,
  { read }: Pick<AdminDeps, "read">,
): Promise<PriceEntry> {
  const entry = await findPriceEntry(read, administeredScope(principal), id);
  if (!entry) throw new ApiError("NOT_FOUND");
  return entry;
}

export const getPriceEntry = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/price-books/{entry_id}",
  access: "accounting:manage_prices",
  tag: "Prices",
  operationId: "getPriceEntry",
  summary: "One entry of a price book",
  costBearing: false,
  version: { except: ["state"] },
  params: z.strictObject({ entry_id: z.string() }),
  response: entryView,
  async handle({ principal, params }, deps) {
    return { kind: "data", data: viewEntry(await seenEntry(params.entry_id, principal, deps), deps) };
  },
});
