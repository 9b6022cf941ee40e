import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { ApiError } from "../../errors.ts";
import { findPartner } from "../../store/tenancy/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { partnerView, viewPartner } from "./partner-view.ts";

export const getPartner = adminEndpoint({
  method: "GET",
  path: "/v1/partners/{partner_id}",
  access: "partner:manage",
  tag: "Partners",
  summary: "One partner",
  costBearing: false,
  version: { except: [] },
  params: z.strictObject({ partner_id: z.string() }),
  response: partnerView,
  async handle({ principal, params }, deps) {
    const partner = await findPartner(deps.read, administeredScope(principal), params.partner_id);
    if (!partner) throw new ApiError("NOT_FOUND");
    return { kind: "data", data: viewPartner(partner, deps) };
  },
});
