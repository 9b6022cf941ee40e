import type { EndpointDocs } from "../core/endpoint.ts";
import type { Connection } from "./handle.ts";
import type { Target } from "./transport.ts";
import type { PathParams } from "./router.ts";

/** One request on its way to its endpoint. */
export interface Arrival {
  readonly request: Request;
  readonly target: Target;
  readonly requestId: string;
  readonly connection: Connection;
  readonly params: PathParams;
}

/** An endpoint of any kind, ready to serve. */
export interface Route extends EndpointDocs {
  serve(arrival: Arrival): Promise<Response>;
}
