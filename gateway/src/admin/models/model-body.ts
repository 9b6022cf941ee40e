import { z } from "zod";
import { slugOwner } from "../../access/slugs.ts";
import { mayManageSlug } from "../../access/visibility.ts";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { capabilities, longText, prices, shownText, TOKENS_MAX, wholeNumber } from "../fields.ts";
import { given } from "../given.ts";
import { modelsUnder } from "../model-slugs.ts";
import { defaultParams } from "./default-params.ts";
import { MODALITIES } from "./model-view.ts";

const SYSTEM_PROMPT_CHARS = 100_000;

/** What a model is made of, as callers give it. */
export const modelFields = {
  slug: z
    .string()
    .refine(
      (slug) => slugOwner(slug) !== undefined,
      "must be vendor/name, of lower-case letters, digits, . _ and -",
    ),
  display_name: shownText,
  description: longText(2_000),
  modality: z.enum(MODALITIES),
  context_window: wholeNumber(1, TOKENS_MAX),
  max_output_tokens: wholeNumber(1, TOKENS_MAX).describe(
    "What one answer may come to. Without it, models of partners and tenants answer with at most 4096 tokens unless a request names its own limit.",
  ),
  capabilities,
  default_params: defaultParams,
  system_prompt: longText(SYSTEM_PROMPT_CHARS),
  prices,
  price_source: shownText.describe("Where the prices are from; shown with them."),
  free: z.boolean(),
  status: z.enum(["active", "deprecated", "disabled"]),
};

/** A whole model: of POST and PUT. */
export const modelBody = z
  .strictObject({
    slug: modelFields.slug,
    display_name: modelFields.display_name.optional(),
    description: modelFields.description.optional(),
    modality: modelFields.modality.default("chat"),
    context_window: modelFields.context_window,
    max_output_tokens: modelFields.max_output_tokens.optional(),
    capabilities: capabilities.default([]),
    default_params: defaultParams.default({}),
    system_prompt: modelFields.system_prompt.optional(),
    prices: prices.optional(),
    price_source: modelFields.price_source.optional(),
    free: z.boolean().default(false),
    status: modelFields.status.default("active"),
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

/** The model that a body describes. Throws ApiError VALIDATION_ERROR. */
export function modelOf(input: z.output<typeof modelBody>, id: string, createdAt: number): FrontendModel {
  const model: FrontendModel = {
    id,
    slug: input.slug,
    displayName: input.display_name ?? input.slug,
    modality: input.modality,
    capabilities: input.capabilities,
    contextWindow: input.context_window,
    defaultParams: input.default_params,
    free: input.free,
    status: input.status,
    ownedBy: ownerNamed(input.slug),
    createdAt,
    ...given({
      description: input.description,
      maxOutputTokens: input.max_output_tokens,
      systemPrompt: input.system_prompt,
    }),
  };
  demandRoom(model);
  return model;
}

/** Who made a model, as callers are told: the first part of its slug. */
export function ownerNamed(slug: string): string {
  return slug.slice(0, slug.indexOf("/"));
}

/** Throws ApiError VALIDATION_ERROR for a model that could say more than it can hold. */
export function demandRoom({ maxOutputTokens, contextWindow }: FrontendModel): void {
  if (maxOutputTokens === undefined || maxOutputTokens <= contextWindow) return;
  throw new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "max_output_tokens", message: "must not be larger than context_window" }],
  });
}

/** Refuses a slug that is not the caller's to give. Throws ApiError AUTHZ_PERMISSION_DENIED. */
export function demandManageableSlug(principal: Principal, slug: string): void {
  if (mayManageSlug(principal, slug)) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: `Slugs you may manage begin with tenant/${principal.tenant.slug}/.`,
  });
}

/** What a caller has given of a model's price. */
type PriceGiven = Readonly<
  Partial<Record<"prices" | "input_price_per_mtok" | "output_price_per_mtok" | "free", unknown>>
>;

/**
 * Refuses a price from those who would pay it themselves: a tenant's models are priced by its partner or the platform.
 * Throws ApiError AUTHZ_PERMISSION_DENIED.
 */
export function demandMayPrice({ permissions }: Principal, { free, ...prices }: PriceGiven): void {
  if (permissions.has("accounting:manage_prices")) return;
  const [field] = Object.entries({ ...prices, ...(free === true && { free }) }).find(
    ([, value]) => value !== undefined,
  ) ?? [undefined];
  if (field === undefined) return;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", undefined, {
    hint: `${field} needs the permission accounting:manage_prices: your partner, or the platform, prices this model.`,
  });
}

/** Models of one tenant, or of one partner for itself. */
const MODELS_MAX = 200;

/** Throws ApiError QUOTA_EXCEEDED when whose slug it is has as many models as one may. */
export function demandModelRoom(slug: string, { snapshot }: Pick<AdminDeps, "snapshot">): void {
  const owner = slugOwner(slug);
  if (owner === undefined || owner.level === "platform") return;
  if (modelsUnder(owner.level, owner.slug, snapshot) < MODELS_MAX) return;
  throw new ApiError("QUOTA_EXCEEDED", `A ${owner.level} has at most ${MODELS_MAX} models.`);
}
