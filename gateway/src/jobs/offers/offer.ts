import { newId } from "../../base/ids.ts";
import {
  type Backend,
  type FrontendModel,
  POLICY_DEFAULTS,
  type PriceVersion,
  type Provider,
  type RoutingPolicy,
} from "../../core/catalogue.ts";
import { type TieredPrices, tieredFrom } from "../../pricing/tiers.ts";
import { vendorName, vendorOf } from "../../providers/catalogue.ts";
import { createBackend, createModel, createPolicy } from "../../store/catalogue/writer.ts";
import { createPriceVersion } from "../../store/prices/writer.ts";
import type { Write } from "../../store/write.ts";

/** What is known about a model that a start has found. */
export interface OfferedModel {
  /** At its provider. */
  readonly upstreamModel: string;
  readonly displayName: string;
  readonly capabilities: readonly string[];
  /** Tokens. */
  readonly contextWindow: number;
  /** Tokens. */
  readonly maxOutputTokens?: number;
  /** Absent = free: it runs on the operator's own machine. */
  readonly prices?: TieredPrices;
  /** Where the prices are from, with their date. */
  readonly priceSource?: string;
}

/** Milliseconds. A model on the operator's own machine may have to be loaded before it says anything. */
const HOSTED_TIMEOUTS: Backend["timeouts"] = {
  connect: 5_000,
  first_byte: 20_000,
  idle: 30_000,
  total: 600_000,
};
const OWN_TIMEOUTS: Backend["timeouts"] = {
  connect: 5_000,
  first_byte: 120_000,
  idle: 60_000,
  total: 600_000,
};

/** Backend, model, policy and prices of one found model. Throws on prices that are none. */
export function offerWrites(slug: string, model: OfferedModel, provider: Provider, nowMs: number): Write[] {
  const backend = backendOf(model, provider, nowMs);
  const frontend = frontendOf(slug, model, nowMs);
  return [
    ...createBackend(backend, null, nowMs),
    ...createModel(frontend, nowMs),
    ...createPolicy(policyOf(frontend.id, backend.id, nowMs), nowMs),
    ...priceWrites(model, { kind: "backend", id: backend.id }, nowMs),
    ...priceWrites(model, { kind: "model", id: frontend.id }, nowMs),
  ];
}

function backendOf(model: OfferedModel, provider: Provider, nowMs: number): Backend {
  const isFree = model.prices === undefined;
  return {
    id: newId("be", nowMs),
    providerId: provider.id,
    uri: `${vendorName(provider)}:${model.upstreamModel}`,
    upstreamModel: model.upstreamModel,
    dialect: dialectOf(provider),
    // Left open: a fact that is out of date must not keep a request from a model that could serve it.
    capabilities: [],
    timeouts: isFree ? OWN_TIMEOUTS : HOSTED_TIMEOUTS,
    free: isFree,
    status: "active",
    createdAt: nowMs,
  };
}

function dialectOf(provider: Provider): Backend["dialect"] {
  const vendor = vendorOf(provider);
  if (vendor === undefined) throw new Error(`there is no vendor of provider ${provider.id}`);
  return vendor.dialect;
}

function frontendOf(slug: string, model: OfferedModel, nowMs: number): FrontendModel {
  return {
    id: newId("model", nowMs),
    slug,
    displayName: model.displayName,
    modality: "chat",
    capabilities: model.capabilities,
    contextWindow: model.contextWindow,
    ...(model.maxOutputTokens !== undefined && { maxOutputTokens: model.maxOutputTokens }),
    defaultParams: {},
    free: model.prices === undefined,
    status: "active",
    ownedBy: slug.slice(0, slug.indexOf("/")),
    createdAt: nowMs,
  };
}

function policyOf(modelId: string, backendId: string, nowMs: number): RoutingPolicy {
  return {
    id: newId("route", nowMs),
    modelId,
    ...POLICY_DEFAULTS,
    targets: [{ backend_id: backendId, priority: 1, weight: 100, enabled: true }],
    createdAt: nowMs,
  };
}

function priceWrites(model: OfferedModel, subject: PriceVersion["subject"], nowMs: number): Write[] {
  if (model.prices === undefined) return [];
  const { issues, ...priced } = tieredFrom(model.prices);
  if (issues !== undefined || !("rates" in priced)) {
    throw new Error(`the prices of ${model.upstreamModel} are not well-formed`);
  }
  const version: PriceVersion = {
    id: newId("price", nowMs),
    subject,
    effectiveFrom: nowMs,
    ...priced,
    ...(model.priceSource !== undefined && { source: model.priceSource }),
  };
  return createPriceVersion(version, nowMs);
}
