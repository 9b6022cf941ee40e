import { z } from "zod";
import { nearest } from "../../base/nearest.ts";
import { ApiError } from "../../errors.ts";
import { KNOWN_VENDORS, vendorName } from "../../providers/catalogue.ts";
import { adminEndpoint } from "../endpoint.ts";
import { presetWithModels, viewPresetWithModels } from "./preset-view.ts";

export const getPreset = adminEndpoint({
  method: "GET",
  path: "/v1/provider-presets/{name}",
  access: "platform:manage",
  tag: "Providers",
  errors: ["NOT_FOUND"],
  summary: "One of them, with the models and prices that are known",
  costBearing: false,
  params: z.strictObject({ name: z.string() }),
  response: presetWithModels,
  async handle({ params }, deps) {
    const vendor = KNOWN_VENDORS.find((known) => vendorName(known) === params.name);
    if (vendor === undefined) {
      const [near] = nearest(params.name, KNOWN_VENDORS.map(vendorName), 1);
      const hint = near === undefined ? "GET /v1/provider-presets lists them." : `Did you mean ${near}?`;
      throw new ApiError("NOT_FOUND", "There is no such preset.", { hint });
    }
    const data = viewPresetWithModels(vendor, await deps.catalogue(), deps.config.currency);
    return { kind: "data", data };
  },
});
