import { z } from "zod";
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
  forProbes: true,
  response: z.strictObject({ status: z.literal("ok") }).meta({ id: "Health" }),
  serve: () => Response.json({ status: "ok" }),
};
