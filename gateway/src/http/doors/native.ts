import type { DoorDialect } from "../../core/dialect.ts";
import type { ApiError } from "../../errors.ts";
import type { Door } from "../../inference/door.ts";
import { errorResponse } from "../envelope.ts";

/** The door at `/v1/`: native dialect, native envelope. */
export function nativeDoor(dialect: DoorDialect, docsUrl: () => string): Door {
  return {
    name: "native",
    dialect,
    wrap: (answer, requestId) =>
      `{"status":"ok","data":${JSON.stringify(answer)},"meta":{"request_id":"${requestId}"}}`,
    refuse: (error: ApiError, requestId: string) => errorResponse(error, requestId, docsUrl()),
  };
}
