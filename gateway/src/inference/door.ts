import type { DoorDialect } from "../core/dialect.ts";
import type { DoorName } from "../core/endpoint.ts";
import type { ApiError } from "../errors.ts";

/** What differs between `/v1`, `/oai/v1` and the others: the caller's dialect and how answers are wrapped. */
export interface Door {
  /** The `protocol` of metrics and traces. */
  readonly name: DoorName;
  readonly dialect: DoorDialect;
  /** JSON text of a whole answer, wrapped as this door does. */
  wrap(answer: object, requestId: string): string;
  /** The HTTP status this door tells an error with. */
  statusOf(error: ApiError): number;
  /** The response of a failure before anything has gone down. */
  refuse(error: ApiError, requestId: string): Response;
}
