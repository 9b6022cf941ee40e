import { z } from "zod";
import { mayManageSlug, slugOwner } from "../../access/visibility.ts";
import { newId } from "../../base/ids.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import { ApiError } from "../../errors.ts";
import { createModel } from "../../store/catalogue/writer.ts";
import { createPriceVersion } from "../../store/prices/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { capabilities, longText, prices, shownText, TOKENS_MAX, wholeNumber } from "../fields.ts";
import { priceVersion } from "../price-input.ts";
import { committed } from "../refusals.ts";
import { defaultParams } from "./default-params.ts";
import { MODALITIES, modelView, viewModel } from "./model-view.ts";

const SYSTEM_PROMPT_CHARS = 100_000;

const body = z
  .strictObject({
    slug: z
      .string()
      .refine(
        (slug) => slugOwner(slug) !== undefined,
        "must be vendor/name, of lower-case letters, digits, . _ and -",
      ),
    display_name: shownText.optional(),
    description: longText(2_000).optional(),
    modality: z.enum(MODALITIES).default("chat"),
    context_window: wholeNumber(1, TOKENS_MAX),
    max_output_tokens: wholeNumber(1, TOKENS_MAX).optional(),
    capabilities: capabilities.default([]),
    default_params: defaultParams.default({}),
    system_prompt: longText(SYSTEM_PROMPT_CHARS).optional(),
    prices: prices.optional(),
    price_source: shownText.optional().describe("Where the prices are from; shown with them."),
    free: z.boolean().default(false),
    status: z.enum(["active", "deprecated", "disabled"]).default("active"),
  })
  .meta({
    examples: [
      {
        slug: "acme/assistant",
        context_window: 128_000,
        prices: { input_per_mtok: "2.50", output_per_mtok: "10" },
      },
    ],
  });

export const createModelEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/models",
  access: "models:manage",
  tag: "Models",
  errors: ["SLUG_CONFLICT"],
  summary: "Make a model that applications can ask for",
  costBearing: false,
  auditAction: "model.create",
  body,
  response: modelView,
  async handle({ principal, body: input }, deps) {
    if (!mayManageSlug(principal, input.slug)) {
      throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
        hint: `Slugs you may manage begin with tenant/${principal.tenant.slug}/.`,
      });
    }
    if (input.max_output_tokens !== undefined && input.max_output_tokens > input.context_window) {
      throw new ApiError("VALIDATION_ERROR", undefined, {
        details: [{ field: "max_output_tokens", message: "must not be larger than context_window" }],
      });
    }
    const now = deps.clock.now();
    const model: FrontendModel = {
      id: newId("model", now),
      slug: input.slug,
      displayName: input.display_name ?? input.slug,
      ...(input.description !== undefined && { description: input.description }),
      modality: input.modality,
      capabilities: input.capabilities,
      contextWindow: input.context_window,
      ...(input.max_output_tokens !== undefined && { maxOutputTokens: input.max_output_tokens }),
      defaultParams: input.default_params,
      ...(input.system_prompt !== undefined && { systemPrompt: input.system_prompt }),
      free: input.free,
      status: input.status,
      ownedBy: input.slug.slice(0, input.slug.indexOf("/")),
      createdAt: now,
    };
    const price =
      input.prices &&
      priceVersion(input.prices, input.price_source, "prices", { kind: "model", id: model.id }, now);
    const writes = [...createModel(model, now), ...(price ? createPriceVersion(price, now) : [])];
    await committed(deps.commit(writes), { taken: "SLUG_CONFLICT" });
    return { kind: "data", status: 201, data: viewModel(model, deps) };
  },
});
