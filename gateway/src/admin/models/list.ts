import { z } from "zod";
import { maySeeModel, mayManageSlug } from "../../access/visibility.ts";
import { viewManaged } from "../declared.ts";
import { adminEndpoint } from "../endpoint.ts";
import { pageQuery } from "../fields.ts";
import { pageOf } from "../paging.ts";
import { MODALITIES, modelView, viewModel } from "./model-view.ts";

export const listModels = adminEndpoint({
  method: "GET",
  path: "/v1/models",
  access: "models:list",
  tag: "Models",
  summary: "The models this key may use",
  costBearing: false,
  query: z.strictObject({
    ...pageQuery,
    modality: z.enum(MODALITIES).optional(),
    status: z.enum(["active", "deprecated", "disabled"]).optional(),
    q: z.string().max(200).optional().describe("Part of a slug or a name."),
  }),
  response: modelView,
  list: true,
  async handle({ principal, query }, deps) {
    const wanted = query.q?.toLowerCase();
    const shown = [...deps.snapshot.models()].filter(
      (model) =>
        maySeeModel(principal, model, deps.snapshot) &&
        (query.modality === undefined || model.modality === query.modality) &&
        (query.status === undefined || model.status === query.status) &&
        (wanted === undefined || `${model.slug} ${model.displayName}`.toLowerCase().includes(wanted)),
    );
    const page = pageOf(shown, (model) => model.id, query);
    const items = page.items.map((model) => ({
      ...viewModel(model, principal, deps),
      ...(mayManageSlug(principal, model.slug) && viewManaged(model)),
    }));
    return { kind: "page", page: { ...page, items } };
  },
});
