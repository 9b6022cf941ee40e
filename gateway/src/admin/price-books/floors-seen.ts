import { z } from "zod";
import { slugOwner } from "../../access/slugs.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { ScopeLevel } from "../../core/scope.ts";
import { tieredPricesOf } from "../../pricing/tiers.ts";
import { floorOf } from "../../snapshot/floors.ts";
import type { AdminDeps } from "../deps.ts";
import { prices } from "../fields.ts";

/** What a request over one backend is charged at least. */
export const priceFloor = z.strictObject({
  backend_id: z.string(),
  level: z.enum(["partner", "tenant"]).describe("Who is charged it."),
  price_version_id: z.string(),
  prices,
});

/** The floors of a model below the platform, as far as a caller may see them; undefined for one of the platform. */
export function floorsSeen(
  model: FrontendModel,
  seenBy: ScopeLevel,
  { snapshot, clock }: Pick<AdminDeps, "snapshot" | "clock">,
): z.infer<typeof priceFloor>[] | undefined {
  if (slugOwner(model.slug)?.level === "platform") return undefined;
  const levels = seenBy === "platform" || seenBy === "partner" ? LEVELS : LEVELS.slice(1);
  const policy = snapshot.policyOf(model.id);
  const targets = (policy?.targets ?? []).filter(
    ({ backend_id: id }) => policy?.underGrants !== true || snapshot.isGranted(model.slug, id),
  );
  const now = clock.now();
  return targets.flatMap(({ backend_id }) => {
    const floor = floorOf(model.slug, backend_id, snapshot, now);
    return levels.flatMap((level) => {
      const name = floor?.[level];
      const price = name === undefined ? undefined : snapshot.prices.named(name);
      return price ? [{ backend_id, level, price_version_id: price.id, prices: tieredPricesOf(price) }] : [];
    });
  });
}

const LEVELS = ["partner", "tenant"] as const;
