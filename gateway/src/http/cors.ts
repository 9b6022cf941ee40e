/** Origins whose pages may call from a browser; one `*` = all, empty = none. */
export type Cors = readonly string[];

const LIMIT_FACTS = ["Limit", "Remaining", "Reset"] as const;
const EXPOSED = [
  "X-Scaigrid-Request-Id",
  ...LIMIT_FACTS.flatMap((fact) => [
    `X-Scaigrid-Ratelimit-${fact}`,
    `X-Scaigrid-Ratelimit-${fact}-Tokens`,
    `X-Ratelimit-${fact}-Requests`,
    `X-Ratelimit-${fact}-Tokens`,
  ]),
  "X-Scaigrid-Backend",
  "Retry-After",
  "Idempotent-Replayed",
  "ETag",
  "X-Request-Id",
  "Openai-Processing-Ms",
  "X-Should-Retry",
].join(", ");
const PREFLIGHT_CACHE_SECONDS = 600;

function allowed(origin: string | null, cors: Cors): origin is string {
  return origin !== null && (cors.includes(origin) || cors.includes("*"));
}

/** Adds what lets a page of an allowed origin read the answer. Credentials are never allowed. */
export function withCors(headers: Headers, origin: string | null, cors: Cors): void {
  headers.append("vary", "Origin");
  if (!allowed(origin, cors)) return;
  headers.set("access-control-allow-origin", cors.includes("*") ? "*" : origin);
  headers.set("access-control-expose-headers", EXPOSED);
}

/** The answer to OPTIONS: the methods of the path, and for an allowed origin the headers it may send. */
export function preflight(request: Headers, allow: string, cors: Cors): Response {
  const headers = new Headers({ allow });
  if (allowed(request.get("origin"), cors) && request.has("access-control-request-method")) {
    headers.set("access-control-allow-methods", allow);
    headers.set(
      "access-control-allow-headers",
      request.get("access-control-request-headers") ?? "authorization",
    );
    headers.set("access-control-max-age", String(PREFLIGHT_CACHE_SECONDS));
  }
  return new Response(null, { status: 204, headers });
}
