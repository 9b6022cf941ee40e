import { authenticate, authenticateSession } from "../access/authenticate.ts";
import { readBearer } from "../access/bearer.ts";
import type { Clock } from "../base/clock.ts";
import { sha256Hex } from "../base/crypto.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";
import type { Activity } from "./activity.ts";
import type { Snapshot } from "./snapshot.ts";

const KEY_IN_QUERY_HINT =
  "A key in the query string is never accepted: send it as `Authorization: Bearer sgk_…`.";
const TWO_KEYS_HINT = "Two different keys were sent: keep the one in `Authorization`.";

/** What a caller shows, before anything of the body has been read. */
export interface Shown {
  readonly headers: Headers;
  /** Whether the query string holds something that looks like a key. */
  readonly keyInQuery: boolean;
}

/** Where callers are looked up. */
export interface Registry {
  readonly snapshot: Snapshot;
  readonly activity: Activity;
  readonly clock: Clock;
}

/**
 * Who holds the key in the headers. Throws ApiError AUTH_TOKEN_MISSING, AUTH_TOKEN_INVALID (one answer for every
 * way a key can be wrong) or TENANT_SUSPENDED.
 */
export function identify({ headers, keyInQuery }: Shown, { snapshot, activity, clock }: Registry): Principal {
  const bearer = readBearer(headers.get("authorization"));
  if (bearer.refusal !== undefined) {
    const hinted = keyInQuery && bearer.refusal === "AUTH_TOKEN_MISSING";
    throw new ApiError(bearer.refusal, undefined, hinted ? { hint: KEY_IN_QUERY_HINT } : {});
  }
  const second = headers.get("x-api-key");
  if (second !== null && second !== bearer.key) {
    throw new ApiError("AUTH_TOKEN_INVALID", undefined, { hint: TWO_KEYS_HINT });
  }
  const nowMs = clock.now();
  const verdict = authenticate(snapshot, sha256Hex(bearer.key), nowMs);
  if ("refusal" in verdict) throw new ApiError(verdict.refusal);
  if (verdict.proof.kind === "key") activity.keyUsed(verdict.proof.key.id, nowMs);
  return verdict;
}

/** Whose browser session a cookie's token opens. Throws ApiError SESSION_EXPIRED, TENANT_SUSPENDED. */
export function identifySession(token: string, { snapshot, activity, clock }: Registry): Principal {
  const nowMs = clock.now();
  const lastSeen = (session: Parameters<Activity["sessionLastSeen"]>[0]) => activity.sessionLastSeen(session);
  const verdict = authenticateSession(snapshot, sha256Hex(token), lastSeen, nowMs);
  if ("refusal" in verdict) throw new ApiError(verdict.refusal);
  if (verdict.proof.kind === "session") activity.sessionUsed(verdict.proof.session.id, nowMs);
  return verdict;
}
