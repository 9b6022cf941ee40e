import { z } from "zod";
import type { Backend, Provider } from "../../core/catalogue.ts";
import { type FaultClass, FaultError } from "../../core/fault.ts";
import type { Upstream } from "../upstream.ts";
import type { Minted } from "./tokens.ts";

const answer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,16384}$/),
  expires_in: z.coerce.number().min(1),
});
const refusal = z.object({ error: z.string(), error_description: z.string().optional() });

const TIMEOUT_MS = 10_000;
const WORDS_CHARS_MAX = 200;

/**
 * Asks a token endpoint (OAuth 2.0, RFC 6749) by the transport that calls go by too: through the egress guard, with
 * deadlines and caps. Throws FaultError: `auth` where the account is refused.
 */
export async function askForToken(
  upstream: Upstream,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<Minted> {
  const reply = await upstream.send({
    requestId: "token",
    provider: endpointAt(url),
    backend: TOKEN_BACKEND,
    credentials: {},
    method: "POST",
    path: "",
    body: new URLSearchParams(form).toString(),
    contentType: "application/x-www-form-urlencoded",
    stream: false,
    firstContentMs: TIMEOUT_MS,
    controller: new AbortController(),
  });
  try {
    const body = parsed(await reply.readText());
    if (reply.status === 200) return mintedIn(body);
    throw new FaultError({
      class: classOf(reply.status),
      reason: `the token endpoint answers ${reply.status}${wordsOf(body, form)}`,
    });
  } finally {
    reply.close();
  }
}

function mintedIn(body: unknown): Minted {
  const { data } = answer.safeParse(body);
  if (data === undefined)
    throw new FaultError({ class: "shape", reason: "the token endpoint gives no token" });
  return { token: data.access_token, expiresInSeconds: data.expires_in };
}

function classOf(status: number): FaultClass {
  if (status === 429) return "rate_limited";
  if (status >= 500) return "unavailable";
  return status >= 400 ? "auth" : "shape";
}

/** What it says of the refusal, without what it was sent. */
function wordsOf(body: unknown, form: Readonly<Record<string, string>>): string {
  const { data } = refusal.safeParse(body);
  if (data === undefined) return "";
  let words = `${data.error}${data.error_description === undefined ? "" : `, ${data.error_description}`}`;
  for (const [name, sent] of Object.entries(form)) {
    if (name === "assertion" || name === "client_secret") words = words.replaceAll(sent, "(redacted)");
  }
  return ` (${words.replaceAll(/\s+/g, " ").slice(0, WORDS_CHARS_MAX)})`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A place without credentials of its own: what it is shown is in the form. */
function endpointAt(url: string): Provider {
  return {
    id: "token",
    type: "custom",
    name: "token endpoint",
    baseUrl: url,
    status: "active",
    createdAt: 0,
  };
}

/** Deadlines come with a backend; an endpoint belongs to none. */
const TOKEN_BACKEND: Backend = {
  id: "token",
  providerId: "token",
  uri: "token",
  upstreamModel: "",
  dialect: "openai-chat",
  capabilities: [],
  timeouts: { connect: TIMEOUT_MS, first_byte: TIMEOUT_MS, idle: TIMEOUT_MS, total: TIMEOUT_MS },
  free: true,
  status: "active",
  createdAt: 0,
};
