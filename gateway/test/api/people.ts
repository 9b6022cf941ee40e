import { callApi } from "../harness/api.ts";
import type { ApiReply } from "../harness/api.ts";
import type { Gateway } from "../harness/gateway.ts";
import { pickText } from "../harness/json.ts";

/** The password of everybody in these tests. */
export const PASSWORD = "a sentence nobody else thinks of";

const CLAIM_LINK = /\/admin\/claim#token=([0-9A-Za-z]+)/;

type Headers = Readonly<Record<string, string>>;

/** The token of the claim link in a text; empty where there is none. */
export function tokenIn(text: string): string {
  return CLAIM_LINK.exec(text)?.[1] ?? "";
}

/** The token of a new claim link: one more administrator, or a new password for one. */
export async function freshToken(gateway: Gateway): Promise<string> {
  return tokenIn(pickText((await gateway.api("POST", "/v1/auth/claims")).body, "data.link"));
}

/** The cookie that an answer gives, as a browser would send it back. */
export function cookieOf(reply: ApiReply): string {
  return reply.headers.get("set-cookie")?.split(";", 1)[0] ?? "";
}

/** What somebody without a key does at an address of the gateway. */
export class Stranger {
  readonly #url: () => string;
  readonly #headers: Headers;

  constructor(url: () => string, headers: Headers = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  /** The same one with other headers: from another page, by another name of the gateway. */
  with(headers: Headers): Stranger {
    return new Stranger(this.#url, { ...this.#headers, ...headers });
  }

  call(method: string, path: string, body?: object): Promise<ApiReply> {
    return callApi(this.#url(), method, path, { headers: this.#headers, ...(body && { body }) });
  }

  claim(token: string, email: string, more: object = {}): Promise<ApiReply> {
    return this.call("POST", "/v1/auth/claim", { token, email, password: PASSWORD, ...more });
  }

  signIn(email: string, password: string = PASSWORD): Promise<ApiReply> {
    return this.call("POST", "/v1/auth/login", { email, password });
  }

  me(): Promise<ApiReply> {
    return this.call("GET", "/v1/me");
  }
}
