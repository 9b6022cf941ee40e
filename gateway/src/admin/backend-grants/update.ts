import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { touchGrant } from "../../store/grants/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { prices } from "../fields.ts";
import { demandMayPrice } from "../models/model-body.ts";
import { priceWrites } from "../price-change.ts";
import { priceVersion } from "../price-input.ts";
import { committed } from "../refusals.ts";
import { getBackendGrant } from "./get.ts";
import { grantView, viewGrant } from "./grant-view.ts";
import { changeableGrant } from "./seen-grant.ts";

export const updateBackendGrant = adminEndpoint({
  method: "PATCH",
  path: "/v1/backend-grants/{grant_id}",
  access: "partner:manage",
  tag: "Backends",
  operationId: "updateBackendGrant",
  summary: "Set what requests over a granted backend are charged at least, from now on",
  costBearing: false,
  auditAction: "backend_grant.update",
  changes: getBackendGrant,
  params: z.strictObject({ grant_id: z.string() }),
  body: z.strictObject({ prices }).meta({
    examples: [{ prices: { input_per_mtok: "2.50", output_per_mtok: "10" } }],
  }),
  response: grantView,
  async handle({ principal, params, body }, deps) {
    const grant = await changeableGrant(params.grant_id, principal, deps);
    demandMayPrice(principal, body);
    const now = deps.clock.now();
    const price = priceVersion(body.prices, undefined, "prices", { kind: "grant", id: grant.id }, now);
    const writes = [...touchGrant(grant.id, administeredScope(principal), now), ...priceWrites(price, now)];
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: viewGrant(grant, deps) };
  },
});
