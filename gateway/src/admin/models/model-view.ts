import { z } from "zod";
import type { FrontendModel } from "../../core/catalogue.ts";
import type { Principal } from "../../core/principal.ts";
import { inForce } from "../../pricing/version.ts";
import { pricesOf } from "../../pricing/rates.ts";
import { tieredPricesOf } from "../../pricing/tiers.ts";
import { HEALTH_STATES, healthState } from "../../routing/health.ts";
import { capabilities, prices, timestamp } from "../fields.ts";
import { managedBy, viewManaged } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";
import { defaultParams } from "./default-params.ts";

export const MODALITIES = ["chat", "embedding", "image", "audio", "rerank"] as const;

/** A model as callers see it. Fields without a value are left out. */
export const modelView = z
  .strictObject({
    id: z.string(),
    slug: z.string().describe("`vendor/name`: what applications ask for."),
    display_name: z.string(),
    description: z.string().optional(),
    modality: z.enum(MODALITIES),
    capabilities,
    context_window: z.int().describe("Tokens."),
    max_output_tokens: z.int().optional().describe("Tokens."),
    status: z.enum(["active", "deprecated", "disabled"]),
    health_status: z.enum(HEALTH_STATES).describe("By the circuits of its backends, on the answering node."),
    active_backend_count: z.int().describe("Backends that can be called now."),
    total_backend_count: z.int().describe("Backends of its routing policy."),
    input_price_per_mtok: z
      .string()
      .optional()
      .describe("What you pay per million tokens: a decimal in the installation's currency."),
    output_price_per_mtok: z
      .string()
      .optional()
      .describe("What you pay per million tokens: a decimal in the installation's currency."),
    price_source: z.string().optional().describe("Where the prices are from, with the date of the figures."),
    free: z.boolean(),
    owned_by: z.string(),
    avatar_url: z
      .string()
      .optional()
      .describe("Its picture, below the address of the gateway; open to everybody."),
    created_at: timestamp,
    managed_by: managedBy,
    default_params: defaultParams.optional().describe("Told to those who may change the model."),
    system_prompt: z.string().optional().describe("Told to those who may change the model."),
    prices: prices
      .optional()
      .describe(
        "All of them, told to those who may change the model: before any price book, if they may set them.",
      ),
  })
  .meta({ id: "Model" });
export type ModelView = z.infer<typeof modelView>;
type ModelDeps = Pick<AdminDeps, "snapshot" | "health" | "clock">;

/** How many backends stand behind a model, how many of them can be called, and how many are not quite well. */
function backendCounts(
  model: FrontendModel,
  { snapshot, health, clock }: ModelDeps,
): { readonly active: number; readonly ailing: number; readonly total: number } {
  const nowMs = clock.monotonic();
  const targets = snapshot.policyOf(model.id)?.targets ?? [];
  let active = 0;
  let ailing = 0;
  for (const { enabled, backend_id: id } of targets) {
    const backend = snapshot.backendById(id);
    const provider = backend && snapshot.providerById(backend.providerId);
    if (!enabled || backend?.status !== "active" || provider?.status !== "active") continue;
    if (!snapshot.hasCredentials(id)) continue;
    const state = healthState(health.backend(id), nowMs);
    if (state !== "unhealthy") active++;
    if (state === "degraded") ailing++;
  }
  return { active, ailing, total: targets.length };
}

/** Tells a model to a caller who may see it, at the price that the caller's tenant pays. */
export function viewModel(model: FrontendModel, { tenant }: Principal, deps: ModelDeps): ModelView {
  const { prices: list } = deps.snapshot;
  const paid = list.paid(model, tenant, deps.clock.now()).tenant;
  const price = paid === undefined ? undefined : list.named(paid);
  const shown = price ? pricesOf(price.rates) : {};
  // Of a price that somebody else has made of it, the source of the figures is not the source.
  const source = list.version(paid ?? "")?.source;
  const { active, ailing, total } = backendCounts(model, deps);
  return {
    id: model.id,
    slug: model.slug,
    display_name: model.displayName,
    ...(model.description !== undefined && { description: model.description }),
    modality: model.modality,
    capabilities: [...model.capabilities],
    context_window: model.contextWindow,
    ...(model.maxOutputTokens !== undefined && { max_output_tokens: model.maxOutputTokens }),
    status: model.status,
    health_status: active === 0 ? "unhealthy" : active < total || ailing > 0 ? "degraded" : "healthy",
    active_backend_count: active,
    total_backend_count: total,
    ...(shown.input_per_mtok !== undefined && { input_price_per_mtok: shown.input_per_mtok }),
    ...(shown.output_per_mtok !== undefined && { output_price_per_mtok: shown.output_per_mtok }),
    ...(source !== undefined && { price_source: source }),
    free: model.free && price === undefined,
    owned_by: model.ownedBy,
    ...(model.avatar && { avatar_url: `/v1/models/${model.id}/avatar?v=${model.avatar.version}` }),
    created_at: new Date(model.createdAt).toISOString(),
  };
}

/** Tells a model to somebody who may change it; its own price to those who may set it. */
export function viewManagedModel(model: FrontendModel, principal: Principal, deps: ModelDeps): ModelView {
  const { prices: list } = deps.snapshot;
  const now = deps.clock.now();
  const own = inForce(list.versionsOf(model.id), now);
  const maySet = principal.permissions.has("accounting:manage_prices");
  const price = maySet ? own : list.named(list.paid(model, principal.tenant, now).tenant ?? "");
  return {
    ...viewModel(model, principal, deps),
    ...viewManaged(model),
    free: model.free,
    default_params: defaultParams.parse(model.defaultParams),
    ...(model.systemPrompt !== undefined && { system_prompt: model.systemPrompt }),
    ...(maySet && own?.source !== undefined && { price_source: own.source }),
    ...(price && { prices: tieredPricesOf(price) }),
  };
}
