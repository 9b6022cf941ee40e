import { newId } from "../../base/ids.ts";
import { createModel } from "../../store/catalogue/writer.ts";
import { createPriceVersion } from "../../store/prices/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { priceVersion } from "../price-input.ts";
import { committed } from "../refusals.ts";
import { demandManageableSlug, demandMayPrice, demandModelRoom, modelBody, modelOf } from "./model-body.ts";
import { modelView, viewModel } from "./model-view.ts";

export const createModelEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/models",
  access: "models:manage",
  tag: "Models",
  errors: ["SLUG_CONFLICT", "QUOTA_EXCEEDED"],
  summary: "Make a model that applications can ask for",
  costBearing: false,
  auditAction: "model.create",
  body: modelBody,
  response: modelView,
  async handle({ principal, body: input }, deps) {
    demandManageableSlug(principal, input.slug);
    demandMayPrice(principal, { prices: input.prices, free: input.free });
    demandModelRoom(input.slug, deps);
    const now = deps.clock.now();
    const model = modelOf(input, newId("model", now), now);
    const price =
      input.prices &&
      priceVersion(input.prices, input.price_source, "prices", { kind: "model", id: model.id }, now);
    const writes = [...createModel(model, now), ...(price ? createPriceVersion(price, now) : [])];
    await committed(deps.commit(writes), { taken: "SLUG_CONFLICT" });
    return { kind: "data", status: 201, data: viewModel(model, principal, deps) };
  },
});
