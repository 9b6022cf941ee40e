import type { EndpointDocs } from "../../core/endpoint.ts";
import type { ConsoleFiles } from "./console.ts";
import type { Arrival } from "../route.ts";

/** What the process knows of itself. */
export interface SystemDeps {
  /** The checks of `/health/ready`, by name; "ok" or what is wrong. */
  readonly checks: () => Readonly<Record<string, string>>;
  /** Whether new work is taken. */
  readonly accepting: () => boolean;
  /** Prometheus text. */
  readonly metricsText: () => string;
  /** The built admin console. */
  readonly console: ConsoleFiles;
  /** Opens `/metrics` to other machines; without it only this one may read them. */
  readonly metricsToken: string | undefined;
}

/** An endpoint outside the API's envelope: for probes, scrapers and people. */
export interface SystemEndpoint extends EndpointDocs {
  readonly kind: "system";
  serve(arrival: Arrival, deps: SystemDeps): Response;
}
