import { type ChatRequest, ORIGINAL } from "../../core/chat.ts";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import type { Call } from "../call.ts";
import { namesKey } from "../claim-key.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Door } from "../door.ts";
import { HeldBody, bodyOverdue, SMALL_BYTES } from "../held-body.ts";
import { parseJsonBody } from "../json-body.ts";
import { BODY_LIMIT_BYTES } from "./01-admit.ts";
import type { Limited } from "./03-limit.ts";

/** What nobody counts. */
const COVERED = (): void => undefined;

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

  /** Throws ApiError PAYLOAD_TOO_LARGE, VALIDATION_ERROR, OVERLOADED (too many large bodies at once). */
  static async of(limited: Limited, door: Door, deps: InferenceDeps): Promise<Parsed> {
    const { call } = limited;
    const text = await bodyOf(call, deps);
    if (namesKey(call)) call.bodyText = text;
    const { value, droppedPaths } = parseJsonBody(text);
    // The upstream may think for minutes: its own deadlines apply now, not the connection's.
    call.inbound.setIdleTimeout(0);
    const parsed = door.dialect.parse(value);
    if (parsed.issues !== undefined)
      throw new ApiError("VALIDATION_ERROR", undefined, { details: parsed.issues });
    call.dropped.push(...droppedPaths);
    call.modelSlug = parsed.request.model;
    call.asked = parsed.request[ORIGINAL]?.body;
    call.choicesAsked = parsed.request.n ?? 1;
    call.stream = parsed.request.stream === true;
    call.includeUsage = parsed.request.stream_options?.include_usage === true;
    call.mark("parsed");
    return new Parsed(limited, parsed.request);
  }
}

/** The body, unless the call ends before all of it has come. */
function bodyOf(call: Call, deps: InferenceDeps): Promise<string> {
  const { bodySeconds } = deps.config;
  const declared = Number(call.inbound.headers.get("content-length") ?? Number.NaN);
  const text = declared <= SMALL_BYTES ? call.inbound.text(BODY_LIMIT_BYTES, COVERED) : largeBody(call, deps);
  return call.during(text, bodySeconds * 1000, () => bodyOverdue(bodySeconds));
}

/** A body that is counted among those that are worked on. */
function largeBody(call: Call, { bodies, metrics }: InferenceDeps): Promise<string> {
  const held = new HeldBody(bodies, metrics);
  // Until the call leaves: its parsed form and what is sent upstream live as long.
  call.whenLeft(() => held.free());
  return call.inbound.text(BODY_LIMIT_BYTES, (bytes) => held.cover(bytes));
}
