import { z } from "zod";
import { mayManageSlug, maySeeModel } from "../../access/visibility.ts";
import { adminEndpoint } from "../endpoint.ts";
import { modelView, viewManagedModel, viewModel } from "./model-view.ts";
import { modelNotFound } from "./not-found.ts";

export const getModel = adminEndpoint({
  method: "GET",
  path: "/v1/models/{slug...}",
  access: "models:list",
  tag: "Models",
  errors: ["MODEL_NOT_FOUND"],
  summary: "One model, by slug (slashes raw or encoded) or id",
  costBearing: false,
  version: { except: ["health_status", "active_backend_count", "total_backend_count"] },
  params: z.strictObject({ slug: z.string() }),
  response: modelView,
  async handle({ principal, params }, deps) {
    const model = deps.snapshot.modelBySlug(params.slug) ?? deps.snapshot.modelById(params.slug);
    if (model && maySeeModel(principal, model, deps.snapshot)) {
      const view = mayManageSlug(principal, model.slug) ? viewManagedModel : viewModel;
      return { kind: "data", data: view(model, principal, deps) };
    }
    const visible = [...deps.snapshot.models()].filter((known) =>
      maySeeModel(principal, known, deps.snapshot),
    );
    throw modelNotFound(params.slug, visible);
  },
});
