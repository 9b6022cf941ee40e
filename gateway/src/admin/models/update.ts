import { z } from "zod";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import { updateModel } from "../../store/catalogue/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { decimal } from "../fields.ts";
import { given, kept } from "../given.ts";
import { changedPrice, priceWrites } from "../price-change.ts";
import { committed } from "../refusals.ts";
import { getModelById, changeableModel } from "./manageable.ts";
import { demandManageableSlug, demandMayPrice, demandRoom, modelFields, ownerNamed } from "./model-body.ts";
import { modelView, viewManagedModel } from "./model-view.ts";

const body = z
  .strictObject({
    slug: modelFields.slug.optional(),
    display_name: modelFields.display_name.optional(),
    description: modelFields.description.nullable().optional(),
    modality: modelFields.modality.optional(),
    context_window: modelFields.context_window.optional(),
    max_output_tokens: modelFields.max_output_tokens.nullable().optional(),
    capabilities: modelFields.capabilities.optional(),
    default_params: modelFields.default_params.optional(),
    system_prompt: modelFields.system_prompt.nullable().optional(),
    prices: modelFields.prices.optional().describe("A new version of the prices, in force from now on."),
    input_price_per_mtok: decimal.optional().describe("Only this price; the others stay."),
    output_price_per_mtok: decimal.optional().describe("Only this price; the others stay."),
    price_source: modelFields.price_source.optional(),
    free: modelFields.free.optional(),
    status: modelFields.status.optional(),
  })
  .meta({ examples: [{ status: "deprecated", output_price_per_mtok: "12" }] });

export const updateModelEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/models/{model_id}",
  access: "models:manage",
  tag: "Models",
  errors: ["MODEL_NOT_FOUND", "DECLARED_IN_FILE", "SLUG_CONFLICT"],
  summary: "Change a model; null takes an optional field away",
  costBearing: false,
  auditAction: "model.update",
  changes: getModelById,
  params: z.strictObject({ model_id: z.string() }),
  body,
  response: modelView,
  async handle({ principal, params, body: input }, deps) {
    const former = changeableModel(params.model_id, principal, deps);
    demandMayPrice(principal, {
      prices: input.prices,
      input_price_per_mtok: input.input_price_per_mtok,
      output_price_per_mtok: input.output_price_per_mtok,
      free: input.free === true && !former.free,
    });
    const next = changed(former, input, principal);
    const now = deps.clock.now();
    const price = changedPrice(
      { kind: "model", id: former.id },
      {
        prices: input.prices,
        input: input.input_price_per_mtok,
        output: input.output_price_per_mtok,
        source: input.price_source,
        fields: { prices: "prices", input: "input_price_per_mtok", output: "output_price_per_mtok" },
      },
      deps,
    );
    const writes = [...updateModel(next, now, former), ...priceWrites(price, now)];
    await committed(deps.commit(writes), { missing: "MODEL_NOT_FOUND", taken: "SLUG_CONFLICT" });
    return {
      kind: "data",
      data: viewManagedModel(deps.snapshot.modelById(former.id) ?? next, principal, deps),
    };
  },
});

function changed(former: FrontendModel, input: z.output<typeof body>, principal: Principal): FrontendModel {
  if (input.slug !== undefined) demandManageableSlug(principal, input.slug);
  const { description, maxOutputTokens, systemPrompt, ...rest } = former;
  const next: FrontendModel = {
    ...rest,
    ...given({
      slug: input.slug,
      ownedBy: input.slug !== undefined && input.slug !== former.slug ? ownerNamed(input.slug) : undefined,
      displayName: input.display_name,
      modality: input.modality,
      contextWindow: input.context_window,
      capabilities: input.capabilities,
      defaultParams: input.default_params,
      free: input.free,
      status: input.status,
      description: kept(input.description, description),
      maxOutputTokens: kept(input.max_output_tokens, maxOutputTokens),
      systemPrompt: kept(input.system_prompt, systemPrompt),
    }),
  };
  demandRoom(next);
  return next;
}
