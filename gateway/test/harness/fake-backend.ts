import type { FaultUpstream } from "../fakes/fault-upstream.ts";
import type { ApiReply } from "./api.ts";
import type { Gateway } from "./gateway.ts";
import { pickText } from "./json.ts";

export interface FakeBackendOptions {
  /** Slug of the frontend model; `fake/<number>` unless given. */
  readonly slug?: string;
  /** One plan (`fake-ok?tokens=50`) per backend, in order of priority. */
  readonly plans?: readonly string[];
  /** Per million tokens, decimal strings. */
  readonly prices?: { readonly input_per_mtok: string; readonly output_per_mtok: string };
  readonly costs?: { readonly input_per_mtok: string; readonly output_per_mtok: string };
  /** Milliseconds. */
  readonly timeouts?: Readonly<Partial<Record<"connect" | "first_byte" | "idle" | "total", number>>>;
  readonly retry?: { readonly attempts: number; readonly same_backend: number };
  /** Sent as the provider's API key. */
  readonly apiKey?: string;
  /** More fields of the policy. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** More fields of the model. */
  readonly model?: Readonly<Record<string, unknown>>;
  /** More fields of the provider. */
  readonly provider?: Readonly<Record<string, unknown>>;
  /** More fields of each backend. */
  readonly backend?: Readonly<Record<string, unknown>>;
}

export interface FakeBackend {
  readonly slug: string;
  readonly providerId: string;
  readonly backendIds: readonly string[];
  readonly modelId: string;
  readonly policyId: string;
}

const RATES = { input_per_mtok: "2.50", output_per_mtok: "10.00" };

/** Makes a provider, one backend per plan, a frontend model and its routing policy, over the management API. */
export async function addFakeBackend(
  gateway: Pick<Gateway, "api">,
  fake: Pick<FaultUpstream, "url">,
  options: FakeBackendOptions = {},
): Promise<FakeBackend> {
  const slug = options.slug ?? `fake/${crypto.randomUUID()}`;
  const provider = {
    type: "custom",
    name: slug,
    base_url: fake.url,
    connection_config: { api_key: options.apiKey ?? "fake-credential" },
    ...options.provider,
  };
  const providerId = await create(gateway, "/v1/providers", provider);
  const backendIds: string[] = [];
  for (const plan of options.plans ?? ["fake-ok"]) {
    backendIds.push(
      await create(gateway, "/v1/backends", {
        provider_id: providerId,
        upstream_model: plan,
        costs: options.costs ?? { input_per_mtok: "1.25", output_per_mtok: "5.00" },
        ...(options.timeouts && { timeouts: options.timeouts }),
        ...options.backend,
      }),
    );
  }
  const modelId = await create(gateway, "/v1/models", {
    slug,
    display_name: slug,
    modality: "chat",
    context_window: 128_000,
    prices: options.prices ?? RATES,
    ...options.model,
  });
  const policyId = await create(gateway, "/v1/routing-policies", {
    model_id: modelId,
    strategy: "priority",
    targets: backendIds.map((id, i) => ({ backend_id: id, priority: i + 1, weight: 100, enabled: true })),
    ...(options.retry && { retry: options.retry }),
    ...options.policy,
  });
  return { slug, providerId, backendIds, modelId, policyId };
}

/** Creates one thing and gives its id. Throws with the answer when it was refused. */
async function create(gateway: Pick<Gateway, "api">, path: string, body: object): Promise<string> {
  const reply: ApiReply = await gateway.api("POST", path, { body });
  if (reply.status >= 300) throw new Error(`POST ${path} → ${reply.status}: ${reply.text}`);
  return pickText(reply.body, "data.id");
}
