import { readEnvelope } from "./envelope.ts";
import type { Success } from "./envelope.ts";
import { ApiFailure, UNREACHABLE, unreachable } from "./failure.ts";

const TIMEOUT_MS = 20_000;
/** Calls that prove who one is: their 401 is an answer, not the end of a session. */
const SIGN_IN_PATHS = "/v1/auth/";
const SESSION_CODES: ReadonlySet<string> = new Set([
  "SESSION_EXPIRED",
  "AUTH_TOKEN_MISSING",
  "AUTH_TOKEN_INVALID",
]);

/** What the rest of the page is told about calls. */
export interface ApiEvents {
  sessionEnded(): void;
  /** Nothing answered, or the gateway is going down. */
  lost(): void;
  reached(): void;
}

export interface CallOptions {
  /** Left out where undefined. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Refused unless this is still the version of what is changed. */
  readonly ifVersion?: string | undefined;
}

/** One page of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** One thing, and its version: for a change that must not undo what somebody else has changed meanwhile. */
export interface Versioned<Data> {
  readonly data: Data;
  readonly version?: string;
}

/** An answer with what is told beside it. */
export interface Told<Data, Meta> {
  readonly data: Data;
  readonly meta: Meta;
}

/** Calls the gateway this page came from, with the session's cookie. */
export class Api {
  readonly #events: ApiEvents;

  constructor(events: ApiEvents) {
    this.#events = events;
  }

  /** `data` of an answer, in the form its endpoint declares. Throws ApiFailure. */
  async data<Data>(method: string, path: string, options: CallOptions = {}): Promise<Data> {
    const { data } = await this.#call(method, path, options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract of the endpoint is the type
    return data as Data;
  }

  /** `data` and `meta` of an answer, in the form its endpoint declares. Throws ApiFailure. */
  async told<Data, Meta>(path: string, options: CallOptions = {}): Promise<Told<Data, Meta>> {
    const { data, meta } = await this.#call("GET", path, options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract of the endpoint is the type
    return { data: data as Data, meta: meta as Meta };
  }

  /** One thing with its version, in the form its endpoint declares. Throws ApiFailure. */
  async versioned<Data>(path: string, options: CallOptions = {}): Promise<Versioned<Data>> {
    const { data, version } = await this.#call("GET", path, options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract of the endpoint is the type
    return { data: data as Data, ...(version !== undefined && { version }) };
  }

  /** A page of a list, its items in the form its endpoint declares. Throws ApiFailure. */
  async page<Item>(path: string, options: CallOptions = {}): Promise<Page<Item>> {
    const { data, nextCursor } = await this.#call("GET", path, options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the contract of the endpoint is the type
    const { items } = data as { readonly items: readonly Item[] };
    return { items, ...(nextCursor !== undefined && { nextCursor }) };
  }

  async #call(method: string, path: string, options: CallOptions): Promise<Success> {
    try {
      const answer = await exchange(method, path, options);
      this.#events.reached();
      return answer;
    } catch (error) {
      if (error instanceof ApiFailure) this.#report(error, path);
      throw error;
    }
  }

  #report({ code, status }: ApiFailure, path: string): void {
    if (code === UNREACHABLE || code === "SHUTTING_DOWN") this.#events.lost();
    else this.#events.reached();
    const isSignIn = path.startsWith(SIGN_IN_PATHS);
    if (status === 401 && !isSignIn && SESSION_CODES.has(code)) this.#events.sessionEnded();
  }
}

async function exchange(method: string, path: string, options: CallOptions): Promise<Success> {
  const { signal } = options;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(path + search(options.query), {
      method,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
      ...sent(options),
    });
    answer = parsed(await response.text());
  } catch (error) {
    // The page itself gave the call up: nothing is known about the gateway.
    if (signal?.aborted === true) throw error;
    throw unreachable(0);
  }
  return readEnvelope(response.status, answer, response.headers.get("etag") ?? undefined);
}

function sent({ body, ifVersion }: CallOptions): RequestInit {
  const headers = {
    ...(body && { "content-type": "application/json" }),
    ...(ifVersion !== undefined && { "if-match": ifVersion }),
  };
  return { headers, ...(body && { body: JSON.stringify(body) }) };
}

/** A proxy's error page is not JSON: then it is undefined, which no envelope is. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function search(query: CallOptions["query"] = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) params.set(name, String(value));
  }
  return params.size > 0 ? `?${params.toString()}` : "";
}
