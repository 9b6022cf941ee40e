import { KNOWN_VENDORS } from "../../providers/catalogue.ts";
import type { Provider } from "../../core/catalogue.ts";
import type { Vendor } from "../../providers/vendor.ts";
import { FaultError } from "../../core/fault.ts";
import type { Logger } from "../../telemetry/logs.ts";
import { listUpstreamModels, type UpstreamModel } from "../../upstream/list-models.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import { counted } from "./keys.ts";
import type { OfferedModel } from "./offer.ts";
import { offer, type OfferDeps } from "./offers.ts";

const PRESET = "ollama";
const LIST_TIMEOUT_MS = 2_000;
const MODELS_MAX = 100;
/** Tokens; Ollama does not list it. What a model cannot take, Ollama cuts by itself. */
const CONTEXT_WINDOW = 128_000;
const EMBEDDING = /bert|embed/i;

/**
 * Offers the models of an Ollama at `address`, if one answers there: they are free. For the background: it waits
 * `LIST_TIMEOUT_MS` at most, and nothing depends on it. Rejects with StoreUnavailable.
 */
export async function offerOllama(
  address: string,
  upstream: Upstream,
  deps: OfferDeps,
  log: Logger,
  controller: AbortController,
): Promise<void> {
  const vendor = KNOWN_VENDORS.find(({ preset }) => preset === PRESET);
  if (vendor === undefined) throw new Error(`there is no preset ${PRESET}`);
  const models = await modelsAt(address, vendor, upstream, log, controller);
  if (models.length === 0) return;
  const baseUrl = `${address}/v1`;
  const found = { vendor, ...(baseUrl !== vendor.baseUrl && { baseUrl }), models };
  const { added, left } = await offer(found, deps);
  if (left.length > 0) {
    log.log("warn", "models_not_added", {
      count: left.length,
      reason: `no free slug for ${left.join(", ")}`,
    });
  }
  if (added === 0) return;
  const reason = `Ollama with ${counted(added)}, free`;
  log.log("info", "provider_found", { reason, url: address, count: added });
}

async function modelsAt(
  address: string,
  vendor: Vendor,
  upstream: Upstream,
  log: Logger,
  controller: AbortController,
): Promise<readonly OfferedModel[]> {
  // Its own list says more than the OpenAI one below /v1.
  const provider: Provider = {
    id: PRESET,
    type: vendor.type,
    preset: PRESET,
    name: vendor.label,
    baseUrl: address,
    status: "active",
    createdAt: 0,
  };
  const asked = { path: "/api/tags", timeoutMs: LIST_TIMEOUT_MS, modelsMax: MODELS_MAX };
  try {
    const listed = await listUpstreamModels(upstream, { ...asked, provider, credentials: {}, controller });
    return listed.filter(isChat).map(offeredModel);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    // Most machines run none.
    log.log("debug", "ollama_not_found", { url: address, reason: error.message });
    return [];
  }
}

function isChat({ id, family = "" }: UpstreamModel): boolean {
  return !EMBEDDING.test(family) && !EMBEDDING.test(id);
}

function offeredModel({ id }: UpstreamModel): OfferedModel {
  return { upstreamModel: id, displayName: id, capabilities: ["streaming"], contextWindow: CONTEXT_WINDOW };
}
