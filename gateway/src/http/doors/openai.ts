import type { DoorDialect } from "../../core/dialect.ts";
import { isVainRetry, openAiError, openAiStatus } from "../../dialects/openai-door/error.ts";
import type { ApiError } from "../../errors.ts";
import { errorHeaders } from "../envelope.ts";
import type { DressFacts, HttpDoor } from "./http-door.ts";
import { sentenceOf } from "./sentence.ts";

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;

/** The door at `/oai/v1/`: OpenAI's format, errors and headers included. */
export function openaiDoorAt(dialect: DoorDialect): HttpDoor {
  return {
    name: "openai",
    dialect,
    wrap: (answer) => JSON.stringify(answer),
    statusOf: (error) => openAiStatus(error.code),
    refuse,
    dress,
  };
}

function refuse(error: ApiError, requestId: string): Response {
  const { details = [] } = error.init;
  const body = {
    error: openAiError(error.code, sentenceOf(error), details[0]?.field),
    request_id: requestId,
  };
  const headers = {
    ...errorHeaders(error),
    ...(isVainRetry(error.code) && { "x-should-retry": "false" }),
  };
  return new Response(JSON.stringify(body), { status: openAiStatus(error.code), headers });
}

function dress(headers: Headers, { requestId, elapsedMs, nowMs }: DressFacts): void {
  headers.set("x-request-id", requestId);
  headers.set("openai-processing-ms", String(Math.round(elapsedMs)));
  dressLimit(headers, "", "requests", nowMs);
  dressLimit(headers, "-tokens", "tokens", nowMs);
}

/** Says one of our limits, where there is one, in OpenAI's headers. */
function dressLimit(headers: Headers, ours: string, theirs: string, nowMs: number): void {
  const limit = headers.get(`x-scaigrid-ratelimit-limit${ours}`);
  if (limit === null) return;
  headers.set(`x-ratelimit-limit-${theirs}`, limit);
  const remaining = headers.get(`x-scaigrid-ratelimit-remaining${ours}`) ?? "0";
  headers.set(`x-ratelimit-remaining-${theirs}`, remaining);
  const resetSeconds = Number(headers.get(`x-scaigrid-ratelimit-reset${ours}`) ?? 0) - nowMs / 1000;
  headers.set(`x-ratelimit-reset-${theirs}`, durationText(resetSeconds));
}

/** Seconds the way OpenAI's headers write them: `0s`, `59s`, `6m0s`, `1h0m30s`. Fractions count up. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const hours = Math.floor(whole / SECONDS_PER_HOUR);
  const minutes = Math.floor((whole % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE);
  const rest = `${whole % SECONDS_PER_MINUTE}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
