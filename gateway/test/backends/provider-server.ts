import { isObject, type JsonObject } from "../../src/base/json.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pickText } from "../harness/json.ts";

/** One request a provider has received. */
export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly text: string;
  /** `text` parsed; empty for what is no JSON object. */
  readonly body: JsonObject;
}

/** A provider on a socket of its own: it keeps what it was sent and answers as it is told to. */
export class ProviderServer {
  readonly received: Received[] = [];
  readonly #server: Bun.Server<undefined>;

  /** With `tls` it is to be asked by the name in the certificate. */
  constructor(
    answer: (received: Received) => Response | Promise<Response>,
    tls?: { readonly key: string; readonly cert: string },
  ) {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      ...(tls && { tls }),
      port: 0,
      development: false,
      reusePort: false,
      fetch: async (request) => {
        const { pathname, search } = new URL(request.url);
        const text = await request.text();
        const { method, headers } = request;
        const received = { method, target: pathname + search, headers, text, body: objectOf(text) };
        this.received.push(received);
        return answer(received);
      },
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  get port(): number | undefined {
    return this.#server.port;
  }

  get last(): Received {
    const last = this.received.at(-1);
    if (last === undefined) throw new Error("the provider has received nothing");
    return last;
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }
}

function objectOf(text: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** What is served: a model of a provider under a name of its own. */
export interface ServedBackend {
  readonly slug: string;
  readonly providerId: string;
  readonly backendId: string;
  readonly policyId: string;
}

/** Makes a provider, one backend at a cost, a model at a price and its policy. Throws where one is refused. */
export async function serveBackend(
  gateway: Pick<Gateway, "api">,
  provider: JsonObject & { readonly type: string },
  upstreamModel: string,
  slug = `served/${crypto.randomUUID()}`,
  more: object = {},
): Promise<ServedBackend> {
  const make = async (path: string, body: object): Promise<string> => {
    const reply = await gateway.api("POST", path, { body });
    if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.text}`);
    return pickText(reply.body, "data.id");
  };
  const rates = { input_per_mtok: "2.50", output_per_mtok: "10" };
  const providerId = await make("/v1/providers", { name: slug, ...provider });
  const backend = { provider_id: providerId, upstream_model: upstreamModel, costs: rates, ...more };
  const backendId = await make("/v1/backends", backend);
  const model = { slug, display_name: slug, modality: "chat", context_window: 128_000, prices: rates };
  const modelId = await make("/v1/models", model);
  const policy = { model_id: modelId, targets: [{ backend_id: backendId }] };
  const policyId = await make("/v1/routing-policies", policy);
  return { slug, providerId, backendId, policyId };
}
