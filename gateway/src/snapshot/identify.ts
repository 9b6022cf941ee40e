import { authenticate, authenticateSession, type AuthRefusal } from "../access/authenticate.ts";
import { readKey } from "../access/bearer.ts";
import type { Clock } from "../base/clock.ts";
import { sha256Hex } from "../base/crypto.ts";
import { isInRanges } from "../base/ip-ranges.ts";
import type { Principal } from "../core/principal.ts";
import { ApiError } from "../errors.ts";
import type { Activity } from "./activity.ts";
import type { Freshness } from "./freshness.ts";
import type { Snapshot } from "./snapshot.ts";

const KEY_IN_QUERY_HINT =
  "A key in the query string is never accepted: send it as `Authorization: Bearer sgk_…`.";
const TWO_KEYS_HINT = "Two different keys were sent: keep the one in `Authorization`.";
/** When a caller may come again who could not be looked up. */
const RETRY_SECONDS = 1;

/** What a caller shows, before anything of the body has been read. */
export interface Shown {
  readonly headers: Headers;
  /** Whether the query string holds something that looks like a key. */
  readonly keyInQuery: boolean;
  /** Where the caller is. */
  readonly address: string;
}

/** Where callers are looked up. */
export interface Registry {
  readonly snapshot: Snapshot;
  readonly activity: Activity;
  readonly clock: Clock;
  /** Where other nodes may change who may call; absent where this process alone does. */
  readonly freshness?: Pick<Freshness, "fresh" | "serves" | "ask">;
}

type Verdict = Principal | AuthRefusal;

/**
 * Who holds the key in the headers; at once for all that memory can answer, else once the store has been asked. Throws
 * ApiError AUTH_TOKEN_MISSING, AUTH_TOKEN_INVALID (one answer for every way a key can be wrong), TENANT_SUSPENDED,
 * AUTHZ_PERMISSION_DENIED for an address the key is not meant for, or DEPENDENCY_UNAVAILABLE where only the store could
 * tell and cannot be reached.
 */
export function identify(shown: Shown, registry: Registry): Principal | Promise<Principal> {
  const { headers, keyInQuery } = shown;
  const bearer = readKey(headers);
  if (bearer.refusal !== undefined) {
    const hinted = keyInQuery && bearer.refusal === "AUTH_TOKEN_MISSING";
    throw new ApiError(bearer.refusal, undefined, hinted ? { hint: KEY_IN_QUERY_HINT } : {});
  }
  const second = headers.get("x-api-key");
  if (second !== null && second !== bearer.key) {
    throw new ApiError("AUTH_TOKEN_INVALID", undefined, { hint: TWO_KEYS_HINT });
  }
  const hash = sha256Hex(bearer.key);
  const verdict = verdictOf(hash, shown, registry);
  if (isFinal(verdict, registry)) return admitted(verdict, registry);
  return decideWithStore(() => verdictOf(hash, shown, registry), registry, undefined);
}

function verdictOf(hash: string, shown: Shown, { snapshot, clock }: Registry): Verdict {
  return keyVerdict(authenticate(snapshot, hash, clock.now()), shown, snapshot);
}

/** The verdict on a key, unless it may not be used from where it comes. Throws ApiError AUTHZ_PERMISSION_DENIED. */
function keyVerdict(verdict: Verdict, shown: Shown, snapshot: Snapshot): Verdict {
  if ("refusal" in verdict || verdict.proof.kind !== "key") return verdict;
  const ranges = snapshot.addressesOf(verdict.proof.key.id);
  // The address is asked for only where there is a list: the runtime makes it for each call.
  if (ranges === undefined || isInRanges(shown.address, ranges)) return verdict;
  throw new ApiError("AUTHZ_PERMISSION_DENIED", "This key may not be used from your address.", {
    hint: `Its holder can add ${shown.address} to the key's allowed_ips.`,
  });
}

/**
 * Whose browser session a cookie's token opens. Throws ApiError SESSION_EXPIRED, TENANT_SUSPENDED,
 * DEPENDENCY_UNAVAILABLE.
 */
export function identifySession(token: string, registry: Registry): Principal | Promise<Principal> {
  const { snapshot, activity, clock } = registry;
  const lastSeen = (session: Parameters<Activity["sessionLastSeen"]>[0]) => activity.sessionLastSeen(session);
  const hash = sha256Hex(token);
  const look = () => authenticateSession(snapshot, hash, lastSeen, clock.now());
  const verdict = look();
  if (isFinal(verdict, registry)) return admitted(verdict, registry);
  return decideWithStore(look, registry, snapshot.sessionByHash(hash)?.id);
}

/** Whether nobody else need be asked. */
function isFinal(verdict: Verdict, { freshness }: Registry): boolean {
  return freshness === undefined || (freshness.fresh && !("refusal" in verdict));
}

/** A key may have been made, a user suspended and a session used on another node a moment ago. */
async function decideWithStore(
  look: () => Verdict,
  registry: Registry,
  sessionId: string | undefined,
): Promise<Principal> {
  const { freshness } = registry;
  const asked = (await freshness?.ask(sessionId)) ?? true;
  const verdict = look();
  if (!asked) {
    const unknown = "refusal" in verdict && verdict.reason === "unknown";
    // Infrastructure trouble is never the caller's fault.
    if (unknown || freshness?.serves === false) {
      throw new ApiError("DEPENDENCY_UNAVAILABLE", undefined, { retryAfterSeconds: RETRY_SECONDS });
    }
  }
  return admitted(verdict, registry);
}

function admitted(verdict: Verdict, { activity, clock }: Registry): Principal {
  if ("refusal" in verdict) throw new ApiError(verdict.refusal);
  const { proof } = verdict;
  if (proof.kind === "key") activity.keyUsed(proof.key.id, clock.now());
  else if (proof.kind === "session") activity.sessionUsed(proof.session.id, clock.now());
  return verdict;
}
