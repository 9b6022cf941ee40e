import {
  type Idempotency,
  idempotencyKey,
  type Replay,
  replayHeaders,
} from "../settlement/idempotency/idempotency.ts";
import { Claim } from "../settlement/idempotency/claim.ts";
import type { Call } from "./call.ts";
import { READER_IDLE_SECONDS } from "./inbound.ts";
import { record } from "./record.ts";
import type { Parsed } from "./stages/04-parse.ts";
import type { InferenceDeps } from "./deps.ts";

/** Whether a call may be one that is made again. */
export function namesKey({ inbound }: Call): boolean {
  return inbound.headers.has("idempotency-key");
}

/**
 * Claims the key that a call names, or answers as the first call of that key was answered. Undefined without a key, and
 * for the first. Throws ApiError IDEMPOTENCY_CONFLICT, VALIDATION_ERROR, DEPENDENCY_UNAVAILABLE.
 */
export function claimKey(
  parsed: Parsed,
  idempotency: Pick<Idempotency, "claim">,
  deps: InferenceDeps,
): Promise<Response | undefined> | undefined {
  const key = idempotencyKey(parsed.call.inbound.headers);
  return key === undefined ? undefined : claim(key, parsed, idempotency, deps);
}

async function claim(
  key: string,
  { call, principal }: Parsed,
  idempotency: Pick<Idempotency, "claim">,
  deps: InferenceDeps,
): Promise<Response | undefined> {
  const claimed = await idempotency.claim({
    userId: principal.user.id,
    method: "POST",
    path: call.inbound.path,
    key,
    body: call.bodyText ?? "",
    requestId: call.requestId,
  });
  call.bodyText = undefined;
  if (claimed instanceof Claim) {
    call.claim = claimed;
    return undefined;
  }
  return replayed(call, claimed, deps);
}

function replayed(call: Call, replay: Replay, deps: InferenceDeps): Response {
  const { status, body } = replay;
  call.mark("replayed", replay.requestId);
  deps.inFlight.remove(call);
  record(call, { status: "completed", httpStatus: status, settlement: undefined }, deps);
  call.inbound.setIdleTimeout(READER_IDLE_SECONDS);
  return new Response(body, { status, headers: { ...call.answerHeaders, ...replayHeaders(replay) } });
}
