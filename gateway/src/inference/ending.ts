import { type FaultClass, FaultError } from "../core/fault.ts";
import { ApiError } from "../errors.ts";
import type { AbortReason, Call } from "./call.ts";
import { faultToError } from "./fault-to-error.ts";
import type { Ending } from "./finish.ts";

/** HTTP status of a call whose caller left before there was one to send; for the record alone. */
export const CLIENT_GONE_STATUS = 499;

/** Faults that lie in what was asked for. */
const OF_THE_REQUEST: ReadonlySet<FaultClass> = new Set(["bad_request", "context_length", "content_filter"]);

/** How a call ends that we or the caller broke off. */
function abortEnding(reason: AbortReason): Ending {
  switch (reason) {
    case "client_gone":
      return { status: "client_gone", httpStatus: CLIENT_GONE_STATUS };
    case "key_revoked":
      return failed(
        new ApiError("AUTH_TOKEN_INVALID"),
        "the key was revoked while the answer was on its way",
      );
    case "tenant_suspended":
      return failed(
        new ApiError("TENANT_SUSPENDED"),
        "the tenant or its partner was suspended while the answer was on its way",
      );
    case "shutting_down":
      return failed(
        new ApiError("SHUTTING_DOWN", undefined, { retryAfterSeconds: 1 }),
        "the drain time was over",
      );
  }
}

function failed(error: ApiError, reason: string): Ending {
  return { status: "failed", httpStatus: error.status, error, reason };
}

/**
 * Turns whatever an attempt or a stream threw into the way the call ends. An abort explains every error that
 * came after it.
 */
export function endingOf(thrown: unknown, call: Pick<Call, "abortReason">): Ending {
  if (call.abortReason !== undefined) return abortEnding(call.abortReason);
  if (thrown instanceof FaultError) {
    const { fault } = thrown;
    const isProviders = !OF_THE_REQUEST.has(fault.class) && fault.unread !== true;
    return { ...failed(faultToError(fault), fault.reason), providerFault: isProviders };
  }
  if (thrown instanceof ApiError) return failed(thrown, thrown.message);
  return failed(
    new ApiError("INTERNAL_ERROR"),
    thrown instanceof Error ? (thrown.stack ?? thrown.message) : "",
  );
}
