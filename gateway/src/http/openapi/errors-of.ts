import type { DoorName } from "../../core/endpoint.ts";
import { anthropicStatus } from "../../dialects/anthropic-door/error.ts";
import { openAiStatus } from "../../dialects/openai-door/error.ts";
import { ERRORS, type ErrorCode } from "../../errors.ts";
import type { DeclaredEndpoint } from "./declared.ts";

/** Any call: its target or a header may be malformed, and there may be a bug. */
const ANY = ["VALIDATION_ERROR", "INTERNAL_ERROR"] as const satisfies readonly ErrorCode[];
const WITH_KEY = [
  "AUTH_TOKEN_MISSING",
  "AUTH_TOKEN_INVALID",
  "TENANT_SUSPENDED",
  "AUTHZ_PERMISSION_DENIED",
  "AUTH_INSUFFICIENT_SCOPE",
  "RATE_LIMITED",
] as const satisfies readonly ErrorCode[];
const WITH_STORE = ["DEPENDENCY_UNAVAILABLE"] as const satisfies readonly ErrorCode[];

const BY_KIND: Readonly<Record<DeclaredEndpoint["kind"], readonly ErrorCode[]>> = {
  management: [...ANY, ...WITH_KEY, "SESSION_EXPIRED", ...WITH_STORE],
  public: [...ANY, "AUTHZ_PERMISSION_DENIED", "RATE_LIMITED", ...WITH_STORE],
  inference: [
    ...ANY,
    ...WITH_KEY,
    ...WITH_STORE,
    "MODEL_NOT_FOUND",
    "MODEL_ACCESS_DENIED",
    "MODEL_NOT_PRICED",
    "MODEL_UNAVAILABLE",
    "CONTEXT_LENGTH_EXCEEDED",
    "CONTENT_FILTERED",
    "BUDGET_EXCEEDED",
    "BUDGET_RESERVED",
    "IDEMPOTENCY_CONFLICT",
    "BACKEND_RATE_LIMITED",
    "BACKEND_ERROR",
    "BACKEND_TIMEOUT",
    "UPSTREAM_SHAPE_MISMATCH",
    "OVERLOADED",
    "SHUTTING_DOWN",
  ],
  system: [...ANY, "RATE_LIMITED"],
};

/** Every code an endpoint can answer with, by status. Throws when it names one that is not in the table. */
export function errorsOf(endpoint: DeclaredEndpoint): readonly ErrorCode[] {
  const { kind, method, body, path, errors = [] } = endpoint;
  const codes = new Set<string>([...BY_KIND[kind], ...errors]);
  if (body) codes.add("PAYLOAD_TOO_LARGE");
  // Bodies of many calls share a bounded amount of memory.
  if (body && kind === "management") codes.add("OVERLOADED");
  if (kind === "management" && path.includes("{")) codes.add("NOT_FOUND");
  if (kind === "management" && method !== "GET") codes.add("CONFLICT");
  if (kind === "management" && method === "POST") codes.add("IDEMPOTENCY_CONFLICT");
  return [...codes].map(known).sort((a, b) => ERRORS[a].status - ERRORS[b].status || (a < b ? -1 : 1));
}

function known(code: string): ErrorCode {
  const found = CODES.find((each) => each === code);
  if (found === undefined) throw new Error(`${code} is not in the error table`);
  return found;
}

/** The HTTP status a door tells an error with. */
export function statusIn(door: DoorName | undefined, code: ErrorCode): number {
  if (door === "anthropic") return anthropicStatus(code);
  return door === "openai" ? openAiStatus(code) : ERRORS[code].status;
}

/** All codes, in the order of the table. */
export const CODES: readonly ErrorCode[] = Object.keys(ERRORS).filter(
  (code): code is ErrorCode => code in ERRORS,
);
