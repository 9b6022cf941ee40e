import { z } from "zod";
import { updateModel } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { changedPrice, priceWrites } from "../price-change.ts";
import { committed } from "../refusals.ts";
import { getModelById, changeableModel } from "./manageable.ts";
import { demandManageableSlug, demandMayPrice, modelBody, modelOf } from "./model-body.ts";
import { modelView, viewManagedModel } from "./model-view.ts";

export const replaceModelEndpoint = adminEndpoint({
  method: "PUT",
  path: "/v1/models/{model_id}",
  access: "models:manage",
  tag: "Models",
  operationId: "replaceModel",
  errors: ["MODEL_NOT_FOUND", "DECLARED_IN_FILE", "SLUG_CONFLICT"],
  summary: "Give a model as a whole: what is left out is as in a new one, but for its prices",
  costBearing: false,
  auditAction: "model.update",
  changes: getModelById,
  params: z.strictObject({ model_id: z.string() }),
  body: modelBody,
  response: modelView,
  async handle({ principal, params, body: input }, deps) {
    const former = changeableModel(params.model_id, principal, deps);
    demandManageableSlug(principal, input.slug);
    demandMayPrice(principal, { prices: input.prices, free: input.free && !former.free });
    const mayPrice = principal.permissions.has("accounting:manage_prices");
    const asked = modelOf(input, former.id, former.createdAt);
    // Whoever may not price it leaves it as free as it is.
    const next = mayPrice ? asked : { ...asked, free: former.free };
    const now = deps.clock.now();
    const given = { prices: input.prices, source: input.price_source, fields: { prices: "prices" } };
    const price = changedPrice({ kind: "model", id: former.id }, given, deps);
    const writes = [...updateModel(next, now, former), ...priceWrites(price, now)];
    await committed(deps.commit(writes), { missing: "MODEL_NOT_FOUND", taken: "SLUG_CONFLICT" });
    return {
      kind: "data",
      data: viewManagedModel(deps.snapshot.modelById(former.id) ?? next, principal, deps),
    };
  },
});
