import type { ChatRequest } from "../../core/chat.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import type { Call } from "../call.ts";
import type { Door } from "../door.ts";
import { parseJsonBody } from "../json-body.ts";
import { BODY_LIMIT_BYTES } from "./01-admit.ts";
import type { Limited } from "./03-limit.ts";

/** Milliseconds a body may take from the headers to its last byte. */
const BODY_TIMEOUT_MS = 120_000;

/** Stage 4 proves: the body is within its limits and is a chat request in the caller's dialect. */
export class Parsed {
  declare private readonly proof: never;
  readonly call: Limited["call"];
  readonly principal: Principal;
  readonly request: ChatRequest;

  private constructor(limited: Limited, request: ChatRequest) {
    this.call = limited.call;
    this.principal = limited.principal;
    this.request = request;
  }

  /** Throws ApiError PAYLOAD_TOO_LARGE, VALIDATION_ERROR. */
  static async of(limited: Limited, door: Door): Promise<Parsed> {
    const { call } = limited;
    const { value, droppedPaths } = parseJsonBody(await bodyOf(call));
    // The upstream may think for minutes: its own deadlines apply now, not the connection's.
    call.inbound.setIdleTimeout(0);
    const parsed = door.dialect.parse(value);
    if (parsed.issues !== undefined)
      throw new ApiError("VALIDATION_ERROR", undefined, { details: parsed.issues });
    call.dropped.push(...droppedPaths);
    call.modelSlug = parsed.request.model;
    call.choicesAsked = parsed.request.n ?? 1;
    call.stream = parsed.request.stream === true;
    call.includeUsage = parsed.request.stream_options?.include_usage === true;
    call.mark("parsed");
    return new Parsed(limited, parsed.request);
  }
}

/** The body, unless the call ends before all of it has come. */
function bodyOf(call: Call): Promise<string> {
  return call.during(call.inbound.text(BODY_LIMIT_BYTES), BODY_TIMEOUT_MS, bodyOverdue);
}

function bodyOverdue(): ApiError {
  return new ApiError("VALIDATION_ERROR", "The body did not arrive in time.", {
    details: [{ field: "body", message: `must arrive within ${BODY_TIMEOUT_MS / 1000} seconds` }],
    headers: { connection: "close" },
  });
}
