import type { Credentials, Provider } from "../../core/catalogue.ts";
import { FaultError, type FaultClass } from "../../core/fault.ts";
import { type Vendor, vendorOf } from "../../providers/catalogue.ts";
import { listUpstreamModels, type UpstreamModel } from "../../upstream/list-models.ts";
import type { AdminDeps } from "../deps.ts";

const TIMEOUT_MS = 10_000;
const MODELS_MAX = 2_000;

/** What came of asking a provider for its models: the free call that proves address and key. */
export type Listing =
  | { readonly models: readonly UpstreamModel[]; readonly latencyMs: number; readonly fault?: never }
  | { readonly fault: FaultError["fault"]; readonly latencyMs: number; readonly models?: never };

/** Asks a provider for its models; waits 10 seconds at most. */
export async function askForModels(
  provider: Provider,
  credentials: Credentials,
  deps: Pick<AdminDeps, "upstream" | "snapshot" | "clock">,
): Promise<Listing> {
  const startMs = deps.clock.monotonic();
  const latency = () => Math.round(deps.clock.monotonic() - startMs);
  const vendor = vendorOf(provider);
  if (vendor?.transport === "sandbox") return { models: ownModels(provider, deps), latencyMs: latency() };
  const ask = (path: string) =>
    listUpstreamModels(deps.upstream, {
      provider: vendor === undefined ? provider : listed(provider, vendor),
      credentials,
      path,
      headers: vendor?.listModelsHeaders,
      timeoutMs: TIMEOUT_MS,
      modelsMax: MODELS_MAX,
      controller: new AbortController(),
    });
  try {
    const more = vendor?.moreModelsPath === undefined ? [] : ask(vendor.moreModelsPath).catch(nothing);
    const models = await ask(vendor?.listModelsPath ?? "/models");
    const known = new Set(models.map(({ id }) => id));
    const others = (await more).filter(({ id }) => !known.has(id));
    return { models: [...models, ...others], latencyMs: latency() };
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    return { fault: error.fault, latencyMs: latency() };
  }
}

/** Of a list that is asked for beside another: whatever kept it from coming. */
function nothing(error: unknown): readonly UpstreamModel[] {
  if (error instanceof FaultError) return [];
  throw error;
}

/** The provider at the address where it lists its models. */
function listed(provider: Provider, { listModelsAddress: other, baseUrl: usual }: Vendor): Provider {
  const baseUrl = provider.baseUrl ?? usual;
  if (other === undefined || baseUrl === undefined) return provider;
  return { ...provider, baseUrl: baseUrl.replace(other.of, other.is) };
}

/** What answers inside the process has the models it was given. */
function ownModels({ id }: Provider, { snapshot }: Pick<AdminDeps, "snapshot">): UpstreamModel[] {
  const models: UpstreamModel[] = [];
  for (const backend of snapshot.backends()) {
    if (backend.providerId === id) models.push({ id: backend.upstreamModel });
  }
  return models;
}

const SENTENCES: Readonly<Record<FaultClass, string>> = {
  auth: "The provider does not accept the key, or there is none.",
  rate_limited: "The provider takes no more calls at this moment.",
  timeout: "The provider did not answer in time.",
  network: "The provider's address cannot be reached.",
  unavailable: "The provider does not list its models at this address.",
  server_error: "The provider has a failure of its own.",
  shape: "What answers at this address lists no models.",
  bad_request: "The provider does not understand the call.",
  context_length: "The provider does not understand the call.",
  content_filter: "The provider does not understand the call.",
};

/** A fault in a sentence for administrators: no host, no words of the provider. */
export function faultSentence({ class: fault }: FaultError["fault"]): string {
  return SENTENCES[fault];
}
