import { z } from "zod";
import { mayUseModel } from "../../access/visibility.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import { adminEndpoint } from "../endpoint.ts";
import { modelNotFound } from "../models/not-found.ts";

const MS_PER_SECOND = 1000;

/** A model as OpenAI's API tells it, and what a caller needs to know besides. */
const openAiModel = z
  .strictObject({
    id: z.string().describe("The slug: what requests name as `model`."),
    object: z.literal("model"),
    created: z.int().describe("Epoch seconds."),
    owned_by: z.string(),
    context_window: z.int().describe("Tokens."),
    max_output_tokens: z.int().optional().describe("Tokens."),
  })
  .meta({ id: "OpenAiModel" });

function viewModel(model: FrontendModel): z.input<typeof openAiModel> {
  return {
    id: model.slug,
    object: "model",
    created: Math.floor(model.createdAt / MS_PER_SECOND),
    owned_by: model.ownedBy,
    context_window: model.contextWindow,
    ...(model.maxOutputTokens !== undefined && { max_output_tokens: model.maxOutputTokens }),
  };
}

/** All at once, as OpenAI does: its clients know no pages here. */
export const listOpenAiModels = adminEndpoint({
  method: "GET",
  path: "/oai/v1/models",
  door: "openai",
  access: "models:list",
  tag: "OpenAI format",
  operationId: "listOpenAiModels",
  summary: "The models you may use, in OpenAI's format",
  costBearing: false,
  response: z
    .strictObject({ object: z.literal("list"), data: z.array(openAiModel) })
    .meta({ id: "OpenAiModelList" }),
  handle({ principal }, deps) {
    const usable = [...deps.snapshot.models()].filter((model) =>
      mayUseModel(principal, model, deps.snapshot),
    );
    return Promise.resolve({ kind: "data", data: { object: "list", data: usable.map(viewModel) } });
  },
});

export const getOpenAiModel = adminEndpoint({
  method: "GET",
  path: "/oai/v1/models/{model...}",
  door: "openai",
  access: "models:list",
  tag: "OpenAI format",
  operationId: "getOpenAiModel",
  errors: ["MODEL_NOT_FOUND"],
  summary: "One model, by slug, in OpenAI's format",
  costBearing: false,
  params: z.strictObject({ model: z.string() }),
  response: openAiModel,
  handle({ principal, params }, deps) {
    const model = deps.snapshot.modelBySlug(params.model);
    if (model && mayUseModel(principal, model, deps.snapshot))
      return Promise.resolve({ kind: "data", data: viewModel(model) });
    const usable = [...deps.snapshot.models()].filter((known) =>
      mayUseModel(principal, known, deps.snapshot),
    );
    throw modelNotFound(params.model, usable);
  },
});
