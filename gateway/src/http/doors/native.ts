import type { DoorDialect } from "../../core/dialect.ts";
import type { ApiError } from "../../errors.ts";
import { errorResponse } from "../envelope.ts";
import type { HttpDoor } from "./http-door.ts";

/** The door at `/v1/`: native dialect, native envelope. */
export function nativeDoor(dialect: DoorDialect, docsUrl: () => string): HttpDoor {
  return {
    name: "native",
    dialect,
    wrap: (answer, requestId) =>
      `{"status":"ok","data":${JSON.stringify(answer)},"meta":{"request_id":"${requestId}"}}`,
    statusOf: (error) => error.status,
    refuse: (error: ApiError, requestId: string) => errorResponse(error, requestId, docsUrl()),
  };
}
