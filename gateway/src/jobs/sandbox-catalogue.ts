import { newId } from "../base/ids.ts";
import {
  type Backend,
  type FrontendModel,
  POLICY_DEFAULTS,
  type PriceVersion,
  type Provider,
  type RoutingPolicy,
} from "../core/catalogue.ts";
import { type Prices, ratesFrom } from "../pricing/rates.ts";
import { createBackend, createModel, createPolicy, createProvider } from "../store/catalogue/writer.ts";
import { createPriceVersion } from "../store/prices/writer.ts";
import type { Write } from "../store/write.ts";

/** The model every new installation answers with, without any account anywhere. */
export const SANDBOX_SLUG = "scailabs/poolnoodle-omni";
const PRICES: Prices = { input_per_mtok: "1.00", output_per_mtok: "3.00" };

/** Provider, backend, model, policy and price of the sandbox. */
export function sandboxWrites(now: number): Write[] {
  const provider = sandboxProvider(now);
  const backend = sandboxBackend(provider.id, now);
  const model = sandboxModel(now);
  return [
    ...createProvider(provider, null, now),
    ...createBackend(backend, null, now),
    ...createModel(model, now),
    ...createPolicy(sandboxPolicy(model.id, backend.id, now), now),
    ...createPriceVersion(sandboxPrice(model.id, now), now),
  ];
}

function sandboxProvider(now: number): Provider {
  return { id: newId("prov", now), type: "sandbox", name: "Sandbox", status: "active", createdAt: now };
}

function sandboxBackend(providerId: string, now: number): Backend {
  return {
    id: newId("be", now),
    providerId,
    uri: "sandbox:poolnoodle-omni",
    upstreamModel: "poolnoodle-omni",
    dialect: "openai-chat",
    capabilities: [],
    timeouts: { connect: 5_000, first_byte: 20_000, idle: 30_000, total: 600_000 },
    free: true,
    status: "active",
    createdAt: now,
  };
}

function sandboxModel(now: number): FrontendModel {
  return {
    id: newId("model", now),
    slug: SANDBOX_SLUG,
    displayName: "Poolnoodle Omni",
    description:
      "Answers at once and without an account; for trying things out and for testing error handling.",
    modality: "chat",
    capabilities: ["tools", "vision", "json_schema", "streaming"],
    contextWindow: 256_000,
    maxOutputTokens: 32_768,
    defaultParams: {},
    free: false,
    status: "active",
    ownedBy: "sandbox",
    createdAt: now,
  };
}

function sandboxPolicy(modelId: string, backendId: string, now: number): RoutingPolicy {
  return {
    id: newId("route", now),
    modelId,
    ...POLICY_DEFAULTS,
    targets: [{ backend_id: backendId, priority: 1, weight: 100, enabled: true }],
    createdAt: now,
  };
}

function sandboxPrice(modelId: string, now: number): PriceVersion {
  const { rates } = ratesFrom(PRICES);
  if (!rates) throw new Error("the sandbox's prices are not well-formed");
  return { id: newId("price", now), subject: { kind: "model", id: modelId }, effectiveFrom: now, rates };
}
