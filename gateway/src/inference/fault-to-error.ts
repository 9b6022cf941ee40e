import { type Fault, isUnknownThere } from "../core/fault.ts";
import { ApiError, type ApiErrorInit } from "../errors.ts";

const RETRY_AFTER_DEFAULT_SECONDS = 1;

/** The only place where a fault of an upstream becomes an error code for the caller. */
export function faultToError(fault: Fault): ApiError {
  switch (fault.class) {
    case "rate_limited":
      return new ApiError("BACKEND_RATE_LIMITED", undefined, retryAfter(fault));
    case "timeout":
      return new ApiError("BACKEND_TIMEOUT");
    case "unavailable":
      // A sandbox that plays an outage plays the whole outage: there is no other backend to speak of.
      if (fault.simulated === true) return new ApiError("MODEL_UNAVAILABLE", undefined, retryAfter(fault));
      return new ApiError("BACKEND_ERROR", undefined, optionalRetryAfter(fault));
    case "server_error":
    case "network":
      return new ApiError("BACKEND_ERROR", undefined, optionalRetryAfter(fault));
    case "auth":
      // Our credentials were refused, not the caller's: never their 401.
      return new ApiError("BACKEND_ERROR", "The provider refused the gateway's own credentials.", {
        hint: "Retrying does not help until an operator has mended the credentials; the request's trace says what the provider answered.",
      });
    case "bad_request":
      // No field of the caller's can mend it.
      if (isUnknownThere(fault)) {
        return new ApiError(
          "BACKEND_ERROR",
          "The provider does not know the address or the model it was asked for.",
          {
            hint: "Retrying does not help until an operator has mended the backend; the request's trace says what the provider answered.",
          },
        );
      }
      return new ApiError("VALIDATION_ERROR", "The provider refused the request.", {
        details: [{ field: fault.field ?? "body", message: fault.publicReason ?? "refused by the provider" }],
      });
    case "context_length":
      return new ApiError("CONTEXT_LENGTH_EXCEEDED", fault.publicReason);
    case "content_filter":
      return new ApiError("CONTENT_FILTERED", undefined, {
        details: [
          { field: fault.field ?? "messages", message: fault.publicReason ?? "refused by the provider" },
        ],
      });
    case "shape":
      return new ApiError("UPSTREAM_SHAPE_MISMATCH");
  }
}

function retryAfter(fault: Fault): ApiErrorInit {
  return { retryAfterSeconds: fault.retryAfterSeconds ?? RETRY_AFTER_DEFAULT_SECONDS };
}

function optionalRetryAfter(fault: Fault): ApiErrorInit {
  return fault.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: fault.retryAfterSeconds };
}
