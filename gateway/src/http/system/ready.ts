import { z } from "zod";
import type { SystemEndpoint } from "./endpoint.ts";

export const ready: SystemEndpoint = {
  kind: "system",
  method: "GET",
  path: "/health/ready",
  access: "public",
  tag: "System",
  summary: "Whether the process takes new requests",
  costBearing: false,
  forProbes: true,
  operationId: "getReadiness",
  alsoStatus: 503,
  response: z
    .strictObject({
      status: z.enum(["ready", "not_ready"]),
      checks: z
        .record(z.string(), z.string())
        .describe(
          "`ok`, or what is wrong, by the name of the check. A node whose `database` is `unreachable` is ready for as long as it serves from memory.",
        ),
    })
    .meta({ id: "Readiness" }),
  serve(_arrival, deps) {
    const checks = deps.checks();
    const accepting = deps.accepting();
    return Response.json(
      { status: accepting ? "ready" : "not_ready", checks },
      { status: accepting ? 200 : 503 },
    );
  },
};
