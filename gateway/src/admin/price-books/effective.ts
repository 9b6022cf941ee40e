import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { isInReach, maySeeModel } from "../../access/visibility.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import type { Tenant } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { isServed } from "../../routing/terms.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, prices, timestamp } from "../fields.ts";
import { priceChain, priceStep } from "./chain.ts";
import { priceFloor, floorsSeen } from "./floors-seen.ts";

const effectivePrice = z
  .strictObject({
    model_id: z.string(),
    model: z.string(),
    partner_id: z.string(),
    tenant_id: z.string(),
    is_priced: z.boolean().describe("False: requests are refused with MODEL_NOT_PRICED."),
    prices: prices.optional().describe("What the tenant pays; absent where that is nothing."),
    chain: z
      .array(priceStep)
      .describe("How that came about, from the platform down, as far as you may see it."),
    floors: z
      .array(priceFloor)
      .optional()
      .describe("Of a model that is not the platform's: what a request over a backend is charged at least."),
    next_change_at: timestamp.optional().describe("When another price is in force next, as things stand."),
  })
  .meta({ id: "EffectivePrice" });

export const getEffectivePrice = adminEndpoint({
  method: "GET",
  path: "/v1/accounting/effective-prices/{slug...}",
  access: "models:list",
  tag: "Prices",
  operationId: "getEffectivePrice",
  summary: "What a tenant pays for a model now, and how it came about",
  costBearing: false,
  errors: ["MODEL_NOT_FOUND"],
  params: z.strictObject({ slug: z.string() }),
  query: z.strictObject({
    tenant_id: z.string().max(64).optional().describe("A tenant you administer; your own when absent."),
  }),
  response: effectivePrice,
  async handle({ principal, params, query }, deps) {
    const { snapshot, clock } = deps;
    const tenant = tenantSeen(query.tenant_id, principal, deps);
    const model = snapshot.modelBySlug(params.slug) ?? snapshot.modelById(params.slug);
    if (!model || !isSeen(model, tenant, principal, deps)) throw new ApiError("MODEL_NOT_FOUND");
    const now = clock.now();
    const { level } = administeredScope(principal);
    const paid = snapshot.prices.paid(model, tenant, now);
    const ahead = snapshot.pricesOf(model.id).find(({ effectiveFrom }) => effectiveFrom > now);
    const next = Math.min(paid.untilMs, ahead?.effectiveFrom ?? Number.POSITIVE_INFINITY);
    const chain = priceChain(model, tenant, level, deps);
    const own = chain.at(-1)?.prices;
    const floors = floorsSeen(model, level, deps);
    return Promise.resolve({
      kind: "data",
      data: {
        model_id: model.id,
        model: model.slug,
        partner_id: tenant.partnerId,
        tenant_id: tenant.id,
        is_priced: isServed(paid, deps.config.unpriced),
        ...(own && { prices: own }),
        chain,
        ...(floors && { floors }),
        ...(Number.isFinite(next) && { next_change_at: isoTime(next) }),
      },
    });
  },
});

/** Throws ApiError NOT_FOUND, for one the caller does not administer as for none. */
function tenantSeen(
  id: string | undefined,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): Tenant {
  if (id === undefined || id === principal.tenant.id) return principal.tenant;
  const scope = administeredScope(principal);
  const tenant = snapshot.tenantById(id);
  const isTheirs =
    scope.level === "platform" || (scope.level === "partner" && tenant?.partnerId === scope.partnerId);
  if (!tenant || !isTheirs) throw new ApiError("NOT_FOUND");
  return tenant;
}

/** Whether the caller sees the model, and the tenant can have it. */
function isSeen(
  model: FrontendModel,
  tenant: Tenant,
  principal: Principal,
  { snapshot }: Pick<AdminDeps, "snapshot">,
): boolean {
  if (tenant.id === principal.tenant.id) return maySeeModel(principal, model, snapshot);
  const partner = snapshot.partnerById(tenant.partnerId);
  return partner !== undefined && isInReach({ ...principal, tenant, partner }, model);
}
