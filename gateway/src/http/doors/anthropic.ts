import type { DoorDialect } from "../../core/dialect.ts";
import { anthropicError, anthropicStatus, isVainRetry } from "../../dialects/anthropic-door/error.ts";
import type { ApiError } from "../../errors.ts";
import { errorHeaders } from "../envelope.ts";
import type { DressFacts, HttpDoor } from "./http-door.ts";
import { sentenceOf } from "./sentence.ts";

const MS_PER_SECOND = 1_000;

/** The door at `/anthropic/v1/`: Anthropic's format, errors and headers included. */
export function anthropicDoorAt(dialect: DoorDialect): HttpDoor {
  return {
    name: "anthropic",
    dialect,
    wrap: (answer) => JSON.stringify(answer),
    statusOf: (error) => anthropicStatus(error.code),
    refuse,
    dress,
  };
}

function refuse(error: ApiError, requestId: string): Response {
  const { code } = error;
  const body = { type: "error", error: anthropicError(code, sentenceOf(error)), request_id: requestId };
  const headers = { ...errorHeaders(error), ...(isVainRetry(code) && { "x-should-retry": "false" }) };
  return new Response(JSON.stringify(body), { status: anthropicStatus(code), headers });
}

function dress(headers: Headers, { requestId }: DressFacts): void {
  headers.set("request-id", requestId);
  dressLimit(headers, "", "requests");
  dressLimit(headers, "-tokens", "tokens");
}

/** Says one of our limits, where there is one, in Anthropic's headers. */
function dressLimit(headers: Headers, ours: string, theirs: string): void {
  const limit = headers.get(`x-scaigrid-ratelimit-limit${ours}`);
  if (limit === null) return;
  const name = `anthropic-ratelimit-${theirs}`;
  headers.set(`${name}-limit`, limit);
  headers.set(`${name}-remaining`, headers.get(`x-scaigrid-ratelimit-remaining${ours}`) ?? "0");
  const resetSeconds = Number(headers.get(`x-scaigrid-ratelimit-reset${ours}`) ?? 0);
  headers.set(`${name}-reset`, new Date(resetSeconds * MS_PER_SECOND).toISOString().replace(/\.\d+Z$/, "Z"));
}
