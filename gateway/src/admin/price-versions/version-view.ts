import { z } from "zod";
import { idTime, isId } from "../../base/ids.ts";
import type { PriceVersion } from "../../core/catalogue.ts";
import { tieredPricesOf } from "../../pricing/tiers.ts";
import { inForce } from "../../pricing/version.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, prices, timestamp } from "../fields.ts";

/** One price of a model, a backend or a grant. */
export const versionView = z
  .strictObject({
    id: z.string(),
    model_id: z.string().optional(),
    backend_id: z.string().optional(),
    grant_id: z.string().optional(),
    prices,
    price_source: z.string().optional().describe("Where the figures are from; absent: somebody gave them."),
    effective_from: timestamp,
    state: z
      .enum(["scheduled", "in_force", "superseded", "unreadable"])
      .describe(
        "`unreadable`: what the store has of it is no price; while it would be in force there is none.",
      ),
    created_at: timestamp.optional(),
  })
  .meta({ id: "PriceVersion" });

/** Tells a version to somebody who may see it. */
export function viewVersion(
  version: PriceVersion,
  { snapshot, clock }: Pick<AdminDeps, "snapshot" | "clock">,
): z.infer<typeof versionView> {
  const { id, subject, effectiveFrom, source } = version;
  const now = clock.now();
  const isCurrent = inForce(snapshot.pricesOf(subject.id), now)?.id === id;
  return {
    id,
    [`${subject.kind}_id`]: subject.id,
    prices: tieredPricesOf(version),
    ...(source !== undefined && { price_source: source }),
    effective_from: isoTime(effectiveFrom),
    state: stateOf(version, isCurrent, now),
    ...(isId("price", id) && { created_at: isoTime(idTime(id)) }),
  };
}

function stateOf(
  { isUnreadable, effectiveFrom }: PriceVersion,
  isCurrent: boolean,
  now: number,
): z.infer<typeof versionView>["state"] {
  if (isUnreadable === true) return "unreadable";
  if (effectiveFrom > now) return "scheduled";
  return isCurrent ? "in_force" : "superseded";
}
