import { z } from "zod";
import { givenPrices } from "../../pricing/tiers.ts";
import { type Vendor, vendorName } from "../../providers/catalogue.ts";
import type { PriceCatalogue, ServedModel } from "../../providers/price-catalogue.ts";
import { capabilities, prices } from "../fields.ts";

const preset = {
  name: z.string().describe("What it is called in slugs and on the command line."),
  type: z.string().describe("The `type` of a provider made from it."),
  preset: z.string().optional().describe("The `preset` of a provider made from it."),
  label: z.string().describe("For people."),
  base_url: z.string().describe("With `{names}` where accounts differ."),
  self_hosted: z.boolean().describe("Runs on machines of one's own; its models may be marked free."),
  needs_key: z.boolean(),
  key_variable: z
    .string()
    .optional()
    .describe("The environment variable in which the vendor's own tools look for the key."),
  account_variables: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      "The variables in which they look for a credential of several parts, by the names of `connection_config`.",
    ),
  own_model_names: z
    .boolean()
    .optional()
    .describe("Its models go by names that an account has given them: those known here may not be there."),
  keys_page: z.string().optional().describe("Where a key is to be had."),
  model_count: z.int().describe("Models whose limits and prices are known."),
};

/** A provider that can be added by name, address and authentication known. */
export const presetView = z.strictObject(preset).meta({ id: "ProviderPreset" });

/** The same, with what is known of its models. */
export const presetWithModels = z
  .strictObject({
    ...preset,
    price_source: z.string().describe("Where the prices are from, with their date."),
    models: z.array(
      z.strictObject({
        upstream_model: z.string(),
        display_name: z.string(),
        context_window: z.int().describe("Tokens."),
        max_output_tokens: z.int().optional().describe("Tokens."),
        capabilities,
        prices: prices
          .optional()
          .describe("Left out where the installation's currency is not that of the catalogue."),
      }),
    ),
  })
  .meta({ id: "ProviderPresetWithModels" });

/** Tells a preset to an administrator. */
export function viewPreset(vendor: Vendor, catalogue: PriceCatalogue): z.infer<typeof presetView> {
  const { authScheme } = vendor;
  const name = vendorName(vendor);
  return {
    name,
    type: vendor.type,
    ...(vendor.preset !== undefined && { preset: vendor.preset }),
    label: vendor.label,
    base_url: vendor.baseUrl ?? vendor.addressPattern ?? "",
    self_hosted: vendor.selfHosted,
    needs_key: authScheme.kind !== "none" && authScheme.optional !== true,
    ...(vendor.keyVariable !== undefined && { key_variable: vendor.keyVariable }),
    ...(vendor.partVariables !== undefined && { account_variables: { ...vendor.partVariables } }),
    ...(vendor.ownModelNames === true && { own_model_names: true }),
    ...(vendor.keysPage !== undefined && { keys_page: vendor.keysPage }),
    model_count: catalogue.servedBy(name).length,
  };
}

/** Tells a preset and its models, newest first, to an administrator of an installation with this currency. */
export function viewPresetWithModels(
  vendor: Vendor,
  catalogue: PriceCatalogue,
  currency: string,
): z.infer<typeof presetWithModels> {
  const isPriced = currency === catalogue.currency;
  return {
    ...viewPreset(vendor, catalogue),
    price_source: catalogue.mark,
    models: catalogue.servedBy(vendorName(vendor)).map((model) => viewModel(model, isPriced)),
  };
}

function viewModel(model: ServedModel, isPriced: boolean) {
  return {
    upstream_model: model.id,
    display_name: model.name,
    context_window: model.context_window,
    ...(model.max_output_tokens !== undefined && { max_output_tokens: model.max_output_tokens }),
    capabilities: model.capabilities,
    ...(isPriced && { prices: givenPrices(model.prices) }),
  };
}
