import { sha256Hex } from "../../base/crypto.ts";
import { ApiError } from "../../errors.ts";
import { EXPOSITION_CONTENT_TYPE } from "../../telemetry/registry.ts";
import type { SystemEndpoint } from "./endpoint.ts";

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

export const metrics: SystemEndpoint = {
  kind: "system",
  method: "GET",
  path: "/metrics",
  access: "public",
  tag: "System",
  summary: "Prometheus metrics, for this machine or with SCAIGRID_METRICS_TOKEN",
  costBearing: false,
  forProbes: true,
  contentType: "text/plain",
  errors: ["NOT_FOUND"],
  async serve({ request, connection }, deps) {
    if (!mayRead(request.headers, connection.address, deps.metricsToken)) throw new ApiError("NOT_FOUND");
    return new Response(await deps.metricsText(), { headers: { "content-type": EXPOSITION_CONTENT_TYPE } });
  },
};

function mayRead(headers: Headers, address: string, token: string | undefined): boolean {
  // A proxy on this machine connects from the loopback for everyone in the world.
  const direct = LOOPBACK.test(address) && !headers.has("x-forwarded-for") && !headers.has("forwarded");
  if (token === undefined) return direct;
  // Hashes first: how long the comparison takes then tells nothing about the token.
  return sha256Hex(headers.get("authorization") ?? "") === sha256Hex(`Bearer ${token}`);
}
