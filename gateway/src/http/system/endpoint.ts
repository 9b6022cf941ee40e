import type { z } from "zod";
import type { Avatar } from "../../core/catalogue.ts";
import type { EndpointDocs } from "../../core/endpoint.ts";
import type { ErrorCode } from "../../errors.ts";
import type { ApiReference } from "../docs/api-reference.ts";
import type { ConsoleFiles } from "./console.ts";
import type { Arrival } from "../route.ts";

/** What the process knows of itself. */
export interface SystemDeps {
  /** The checks of `/health/ready`, by name; "ok" or what is wrong. */
  readonly checks: () => Readonly<Record<string, string>>;
  /** Whether new work is taken and can be done, whatever the checks say. */
  readonly accepting: () => boolean;
  /** Prometheus text. */
  readonly metricsText: () => string | Promise<string>;
  /** The built admin console. */
  readonly console: ConsoleFiles;
  /** What the API says of itself. */
  readonly reference: ApiReference;
  /** The picture of a model, by the model's id. */
  readonly avatarOf: (modelId: string) => Avatar | undefined;
  /** Opens `/metrics` to other machines; without it only this one may read them. */
  readonly metricsToken: string | undefined;
}

/** An endpoint outside the API's envelope: for probes, scrapers and people. */
export interface SystemEndpoint extends EndpointDocs {
  readonly kind: "system";
  readonly errors?: readonly ErrorCode[];
  /** Of the whole body, where it is JSON. */
  readonly response?: z.ZodType;
  /** Of the body, where it is not JSON. */
  readonly contentType?: string;
  /** Whether it answers with the address of another page and nothing else. */
  readonly redirects?: true;
  /** Whether probes and scrapers ask it all the time: not counted against their address. */
  readonly forProbes?: true;
  /** A status beside 200, its body of the same form. */
  readonly alsoStatus?: number;
  serve(arrival: Arrival, deps: SystemDeps): Response | Promise<Response>;
}
