import { ApiError } from "../../errors.ts";
import { overloaded } from "../admission.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";

/** Bytes of a JSON body; files travel another way. */
export const BODY_LIMIT_BYTES = 20_000_000;

/** Stage 1 proves: this node takes new work and has room for it, and the request is not absurd on its face. */
export class Admitted {
  declare private readonly proof: never;
  readonly call: Call;

  private constructor(call: Call) {
    this.call = call;
  }

  /** Throws ApiError SHUTTING_DOWN, OVERLOADED, PAYLOAD_TOO_LARGE. */
  static of(call: Call, deps: InferenceDeps): Admitted {
    if (deps.lifecycle.draining) {
      throw new ApiError("SHUTTING_DOWN", undefined, {
        retryAfterSeconds: 1,
        headers: { connection: "close" },
      });
    }
    const { strain } = deps.overload;
    if (strain !== undefined) {
      deps.metrics.loadShed(strain);
      throw overloaded(undefined, strain === "descriptors");
    }
    const declared = Number(call.inbound.headers.get("content-length") ?? 0);
    if (declared > BODY_LIMIT_BYTES) {
      throw new ApiError("PAYLOAD_TOO_LARGE", `The body is larger than ${BODY_LIMIT_BYTES} bytes.`);
    }
    call.mark("admitted");
    return new Admitted(call);
  }
}
