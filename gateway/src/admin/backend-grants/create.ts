import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { newId } from "../../base/ids.ts";
import type { BackendGrant } from "../../core/backend-grant.ts";
import type { Principal } from "../../core/principal.ts";
import { createGrant } from "../../store/grants/writer.ts";
import { findPartner, findTenant } from "../../store/tenancy/reader.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { prices } from "../fields.ts";
import { demandMayPrice } from "../models/model-body.ts";
import { notThere } from "../owned.ts";
import { priceWrites } from "../price-change.ts";
import { priceVersion } from "../price-input.ts";
import { committed } from "../refusals.ts";
import { grantView, viewGrant } from "./grant-view.ts";

const body = z
  .strictObject({
    backend_id: z.string(),
    partner_id: z.string().optional().describe("For the partner's own models, and to be handed on."),
    tenant_id: z.string().optional(),
    prices: prices
      .optional()
      .describe("What requests over it are charged at least; without it what the backend costs."),
  })
  .refine((given) => (given.partner_id === undefined) !== (given.tenant_id === undefined), {
    path: ["tenant_id"],
    message: "give either tenant_id or partner_id",
  })
  .meta({
    examples: [
      {
        backend_id: "be_01JZX3K9QFT4M7W2N8C5D6E0AC",
        tenant_id: "tenant_01JZX3K9QFT4M7W2N8C5D6E0AD",
      },
    ],
  });

export const createBackendGrant = adminEndpoint({
  method: "POST",
  path: "/v1/backend-grants",
  access: "partner:manage",
  tag: "Backends",
  summary: "Let a partner or a tenant route models of their own over a backend",
  costBearing: false,
  auditAction: "backend_grant.create",
  body,
  response: grantView,
  async handle({ principal, body: input }, deps) {
    demandMayPrice(principal, { prices: input.prices });
    const to = await subjectOf(input, principal, deps);
    const by = principal.permissions.has("platform:manage") ? "platform" : "partner";
    // To a partner, what it has not been granted is as what there is not.
    const isTheirs = by === "platform" || deps.snapshot.grants.toPartner(to.partnerId, input.backend_id);
    if (!isTheirs || !deps.snapshot.backendById(input.backend_id)) {
      throw notThere("backend_id", "is no backend that is yours to grant");
    }
    const now = deps.clock.now();
    const grant: BackendGrant = {
      id: newId("grant", now),
      backendId: input.backend_id,
      ...to,
      by,
      createdAt: now,
    };
    const price =
      input.prices && priceVersion(input.prices, undefined, "prices", { kind: "grant", id: grant.id }, now);
    await committed(deps.commit([...createGrant(grant, now), ...priceWrites(price, now)]), {});
    return { kind: "data", status: 201, data: viewGrant(grant, deps) };
  },
});

/** Throws ApiError VALIDATION_ERROR, for one the caller does not administer as for none. */
async function subjectOf(
  { partner_id, tenant_id }: z.output<typeof body>,
  principal: Principal,
  { read }: Pick<AdminDeps, "read">,
): Promise<Pick<BackendGrant, "partnerId" | "tenantId">> {
  const scope = administeredScope(principal);
  if (tenant_id !== undefined) {
    const tenant = await findTenant(read, scope, tenant_id);
    if (!tenant) throw notThere("tenant_id", "is no tenant that you administer");
    return { partnerId: tenant.partnerId, tenantId: tenant.id };
  }
  // A partner has what it is granted; it grants itself nothing.
  const partner = scope.level === "platform" ? await findPartner(read, scope, partner_id ?? "") : undefined;
  if (!partner) throw notThere("partner_id", "is no partner that you may grant a backend to");
  return { partnerId: partner.id };
}
