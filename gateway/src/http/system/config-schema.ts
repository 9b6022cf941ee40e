import { configFileSchema } from "../../admin/config-file/schema.ts";
import type { SystemEndpoint } from "./endpoint.ts";

/** The format of the configuration file, for editors that complete and check it while it is written. */
export const configSchema: SystemEndpoint = {
  kind: "system",
  method: "GET",
  path: "/schemas/scaigrid.json",
  access: "public",
  tag: "Documentation",
  operationId: "getConfigFileSchema",
  summary: "The format of scaigrid.yaml as a JSON Schema",
  costBearing: false,
  serve: () =>
    new Response(JSON.stringify(configFileSchema(), undefined, 2), {
      headers: { "content-type": "application/schema+json; charset=utf-8", "cache-control": "no-cache" },
    }),
};
