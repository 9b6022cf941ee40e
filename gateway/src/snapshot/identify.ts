import { authenticate } from "../access/authenticate.ts";
import { readBearer } from "../access/bearer.ts";
import type { Clock } from "../base/clock.ts";
import { sha256Hex } from "../base/crypto.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";
import type { Snapshot } from "./snapshot.ts";

const KEY_IN_QUERY_HINT =
  "A key in the query string is never accepted: send it as `Authorization: Bearer sgk_…`.";
const TWO_KEYS_HINT = "Two different keys were sent: keep the one in `Authorization`.";

/**
 * Who is calling, by the headers alone: nothing of the body has been read yet. Throws ApiError
 * AUTH_TOKEN_MISSING, AUTH_TOKEN_INVALID (one answer for every way a key can be wrong) or TENANT_SUSPENDED.
 */
export function identify(headers: Headers, keyInQuery: boolean, snapshot: Snapshot, clock: Clock): Principal {
  const bearer = readBearer(headers.get("authorization"));
  if (bearer.refusal !== undefined) {
    const hinted = keyInQuery && bearer.refusal === "AUTH_TOKEN_MISSING";
    throw new ApiError(bearer.refusal, undefined, hinted ? { hint: KEY_IN_QUERY_HINT } : {});
  }
  const second = headers.get("x-api-key");
  if (second !== null && second !== bearer.key) {
    throw new ApiError("AUTH_TOKEN_INVALID", undefined, { hint: TWO_KEYS_HINT });
  }
  const verdict = authenticate(snapshot, sha256Hex(bearer.key), clock.now());
  if ("refusal" in verdict) throw new ApiError(verdict.refusal);
  return verdict;
}
