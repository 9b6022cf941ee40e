import { checkAgainstContract } from "./contract.ts";
import { recordAnswer } from "./exercised.ts";

const TIMEOUT_MS = 15_000;

export interface ApiCall {
  /** API key; undefined = no Authorization header. */
  readonly key?: string | undefined;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when the answer is JSON, otherwise undefined. */
  readonly body: unknown;
  readonly text: string;
}

/** The request of a call; bounded by its timeout. */
export async function sendCall(
  baseUrl: string,
  method: string,
  path: string,
  call: ApiCall,
): Promise<Response> {
  const { key, body, timeoutMs = TIMEOUT_MS, signal } = call;
  const deadline = AbortSignal.timeout(timeoutMs);
  const response = await fetch(baseUrl + path, {
    method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...call.headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    redirect: "manual",
    proxy: false,
    signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
  });
  recordAnswer(method, path, response.status);
  return response;
}

/** One call and its whole answer. Throws ContractError when the answer breaks the contract. */
export async function callApi(
  baseUrl: string,
  method: string,
  path: string,
  call: ApiCall,
): Promise<ApiReply> {
  const response = await sendCall(baseUrl, method, path, call);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  const body: unknown = isJson ? JSON.parse(text) : undefined;
  const reply = { status: response.status, headers: response.headers, body, text };
  checkAgainstContract({ method, path, requestBody: call.body, ...reply });
  return reply;
}
