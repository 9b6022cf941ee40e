import type { z } from "zod";
import type { DoorDialect } from "../../core/dialect.ts";
import type { EndpointDocs } from "../../core/endpoint.ts";
import type { Call } from "../call.ts";
import type { InferenceDeps } from "../deps.ts";
import type { Door } from "../door.ts";

/** An endpoint of the pipeline. It takes a raw request: the pipeline decides when the body is read. */
export interface InferenceEndpoint extends EndpointDocs {
  readonly kind: "inference";
  /** What its callers speak; the dialect of its door when absent. */
  readonly dialect?: DoorDialect;
  readonly body: z.ZodType;
  /** Of `data` of a whole answer. */
  readonly response: z.ZodType;
  /** Of one data event of a stream; absent where nothing is streamed. */
  readonly event?: z.ZodType;
  serve(call: Call, door: Door, deps: InferenceDeps): Promise<Response>;
}
