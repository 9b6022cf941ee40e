import { showsKey } from "../access/bearer.ts";
import type { AdminDeps } from "../admin/deps.ts";
import { demandOwnOrigin, sessionToken } from "../admin/auth/browser.ts";
import type { Principal } from "../core/principal.ts";
import type { Arrival } from "./route.ts";
import type { Sender } from "./strangers.ts";
import { ApiError } from "../errors.ts";
import { identify, identifySession } from "../snapshot/identify.ts";

const KEY_IN_QUERY = /sgk_[0-9A-Za-z]/;

/** Whether a query string holds something that looks like a key. */
export function holdsKey(search: string): boolean {
  return KEY_IN_QUERY.test(search);
}

type Callers = Pick<AdminDeps, "snapshot" | "activity" | "clock" | "place" | "freshness">;

/** The holder of the key, or where there is none the person whose browser sent a session. Throws ApiError. */
export function callerOf(
  { request, target, connection }: Pick<Arrival, "request" | "target" | "connection">,
  deps: Callers,
): Principal | Promise<Principal> {
  const { headers, method } = request;
  const token = showsKey(headers) ? undefined : sessionToken(headers, deps.place);
  if (token === undefined) {
    const { address } = connection;
    return identify({ headers, keyInQuery: holdsKey(target.search), address }, deps);
  }
  // The cookie comes along whoever caused the request: a write must come from our own pages.
  if (method !== "GET" && method !== "HEAD") demandOwnOrigin(headers, deps.place);
  return identifySession(token, deps);
}

/** Whether a request shows a key or session that memory knows and that is valid, whatever it is about. */
export function isKnown(
  { headers, address }: Sender,
  { snapshot, activity, clock, place }: Omit<Callers, "freshness">,
): boolean {
  if (!showsKey(headers) && !headers.has("cookie")) return false;
  try {
    // Without what would ask the store: nobody may cause that who shows nothing.
    const memory = { snapshot, activity, clock, place };
    const token = showsKey(headers) ? undefined : sessionToken(headers, place);
    if (token === undefined) void identify({ headers, keyInQuery: false, address }, memory);
    else void identifySession(token, memory);
    return true;
  } catch (refusal) {
    if (refusal instanceof ApiError) return false;
    throw refusal;
  }
}
