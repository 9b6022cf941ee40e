import type { Backend, Credentials, Provider } from "../core/catalogue.ts";
import { type FaultClass, FaultError } from "../core/fault.ts";
import { listedModels, type UpstreamModel } from "./listed-models.ts";
import type { Upstream, UpstreamReply } from "./upstream.ts";

export type { UpstreamModel } from "./listed-models.ts";

/** Which list to ask for, and how long and how much of it to take. */
export interface ListModelsOptions {
  readonly provider: Provider;
  readonly credentials: Credentials;
  /** Below the provider's base URL: `/models`, or Ollama's `/api/tags`. */
  readonly path: string;
  /** Headers that the list needs besides the credentials. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** From the call to the whole answer. */
  readonly timeoutMs: number;
  readonly modelsMax: number;
  /** Aborted when the answer is of no use any more. */
  readonly controller: AbortController;
}

const BODY_BYTES_MAX = 4 * 1024 * 1024;
const ID_CHARS_MAX = 200;
const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u;

/**
 * The models an upstream lists, free of charge. Names that could not be shown or
 * sent are left out, doubles too. Throws FaultError: what kept the upstream from answering, `shape` for an answer
 * that is no such list.
 */
export async function listUpstreamModels(
  upstream: Upstream,
  options: ListModelsOptions,
): Promise<readonly UpstreamModel[]> {
  const reply = await upstream.send({
    requestId: "list-models",
    provider: options.provider,
    backend: listing(options),
    credentials: options.credentials,
    method: "GET",
    path: options.path,
    headers: options.headers,
    stream: false,
    firstContentMs: options.timeoutMs,
    controller: options.controller,
  });
  const text = await bodyOf(reply);
  if (reply.status !== 200) {
    const reason = `the list of models answers ${reply.status}`;
    throw new FaultError({ class: classOf(reply.status), reason, status: reply.status });
  }
  const models = new Map<string, UpstreamModel>();
  for (const data of entriesOf(text)) {
    if (data === undefined || data.id.length > ID_CHARS_MAX || !PRINTABLE.test(data.id)) continue;
    if (!models.has(data.id)) models.set(data.id, data);
    if (models.size >= options.modelsMax) break;
  }
  return [...models.values()];
}

function classOf(status: number): FaultClass {
  if (status === 401 || status === 403) return "auth";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "server_error" : "unavailable";
}

/** Deadlines come with a backend; a list belongs to none. */
function listing({ provider, timeoutMs }: ListModelsOptions): Backend {
  return {
    id: `list:${provider.id}`,
    providerId: provider.id,
    uri: "list-models",
    upstreamModel: "",
    dialect: "openai-chat",
    capabilities: [],
    timeouts: { connect: timeoutMs, first_byte: timeoutMs, idle: timeoutMs, total: timeoutMs },
    free: true,
    status: "active",
    createdAt: 0,
  };
}

async function bodyOf(reply: UpstreamReply): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for (let bytes = await reply.read(); bytes !== undefined; bytes = await reply.read()) {
      size += bytes.length;
      if (size > BODY_BYTES_MAX) throw shape(`is larger than ${BODY_BYTES_MAX} bytes`);
      text += decoder.decode(bytes, { stream: true });
    }
    return text;
  } finally {
    reply.close();
  }
}

function entriesOf(text: string): readonly (UpstreamModel | undefined)[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw shape("is not JSON");
  }
  const list = listedModels(body);
  if (list === undefined) throw shape("is no list");
  return list;
}

function shape(problem: string): FaultError {
  return new FaultError({ class: "shape", reason: `the list of models ${problem}` });
}
