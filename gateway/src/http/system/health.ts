import type { SystemEndpoint } from "./endpoint.ts";

/** Touches nothing: it answers as long as the event loop turns. */
export const health: SystemEndpoint = {
  kind: "system",
  method: "GET",
  path: "/health",
  access: "public",
  tag: "System",
  summary: "Whether the process is alive",
  costBearing: false,
  serve: () => Response.json({ status: "ok" }),
};
