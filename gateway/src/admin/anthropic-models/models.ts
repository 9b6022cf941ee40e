import { z } from "zod";
import { mayUseModel } from "../../access/visibility.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { modelNotFound } from "../models/not-found.ts";

const PAGE_DEFAULT = 20;
const PAGE_MAX = 1_000;

/** A model as Anthropic's API tells it. */
const anthropicModel = z
  .strictObject({
    type: z.literal("model"),
    id: z.string().describe("The slug: what requests name as `model`."),
    display_name: z.string(),
    created_at: z.iso.datetime(),
    max_input_tokens: z.int(),
    max_tokens: z.int().nullable().describe("Of output."),
  })
  .meta({ id: "AnthropicModel" });

function viewModel(model: FrontendModel): z.input<typeof anthropicModel> {
  return {
    type: "model",
    id: model.slug,
    display_name: model.displayName,
    created_at: new Date(model.createdAt).toISOString(),
    max_input_tokens: model.contextWindow,
    max_tokens: model.maxOutputTokens ?? null,
  };
}

function usable(principal: Principal, { snapshot }: AdminDeps): FrontendModel[] {
  return [...snapshot.models()].filter(
    (model) => model.modality === "chat" && mayUseModel(principal, model, snapshot),
  );
}

/** Where a page begins: behind or in front of the model that was named. Throws ApiError VALIDATION_ERROR. */
function placeOf(slug: string, field: string, models: readonly FrontendModel[]): number {
  const at = models.findIndex((model) => model.slug === slug);
  if (at >= 0) return at;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field, message: "names no model of this list" }],
  });
}

export const listAnthropicModels = adminEndpoint({
  method: "GET",
  path: "/anthropic/v1/models",
  door: "anthropic",
  access: "models:list",
  tag: "Anthropic format",
  operationId: "listAnthropicModels",
  summary: "The models you may use, in Anthropic's format",
  costBearing: false,
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
    after_id: z.string().optional().describe("The last model of the page before."),
    before_id: z.string().optional().describe("The first model of the page behind."),
    beta: z.string().optional().describe("Sent by clients; of no effect."),
  }),
  response: z
    .strictObject({
      data: z.array(anthropicModel),
      has_more: z.boolean(),
      first_id: z.string().nullable(),
      last_id: z.string().nullable(),
    })
    .meta({ id: "AnthropicModelList" }),
  handle({ principal, query: { limit, after_id, before_id } }, deps) {
    const models = usable(principal, deps);
    const end = before_id === undefined ? models.length : placeOf(before_id, "query.before_id", models);
    const after = after_id === undefined ? 0 : placeOf(after_id, "query.after_id", models) + 1;
    const isBackwards = before_id !== undefined && after_id === undefined;
    const from = isBackwards ? Math.max(0, end - limit) : after;
    const page = models.slice(from, Math.min(end, from + limit));
    const data = {
      data: page.map(viewModel),
      has_more: isBackwards ? from > 0 : from + page.length < end,
      first_id: page[0]?.slug ?? null,
      last_id: page.at(-1)?.slug ?? null,
    };
    return Promise.resolve({ kind: "data", data });
  },
});

export const getAnthropicModel = adminEndpoint({
  method: "GET",
  path: "/anthropic/v1/models/{model...}",
  door: "anthropic",
  access: "models:list",
  tag: "Anthropic format",
  operationId: "getAnthropicModel",
  errors: ["MODEL_NOT_FOUND"],
  summary: "One model, by slug, in Anthropic's format",
  costBearing: false,
  params: z.strictObject({ model: z.string() }),
  query: z.strictObject({ beta: z.string().optional().describe("Sent by clients; of no effect.") }),
  response: anthropicModel,
  handle({ principal, params }, deps) {
    const models = usable(principal, deps);
    const model = models.find(({ slug }) => slug === params.model);
    if (!model) throw modelNotFound(params.model, models);
    return Promise.resolve({ kind: "data", data: viewModel(model) });
  },
});
