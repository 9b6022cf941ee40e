import { z } from "zod";
import type { Backend } from "../../core/catalogue.ts";
import { tieredPricesOf } from "../../pricing/tiers.ts";
import { inForce } from "../../pricing/version.ts";
import { capabilities, isoTime, prices, timestamp, wholeNumber } from "../fields.ts";
import type { AdminDeps } from "../deps.ts";
import { connectionView, viewConnection } from "../providers/provider-view.ts";

const HOUR_MS = 3_600_000;
/** Calls in flight at one backend. */
export const CONCURRENCY_MAX = 100_000;
const milliseconds = wholeNumber(1, HOUR_MS);

/** Deadlines in milliseconds. */
export const timeouts = z.strictObject({
  connect: milliseconds,
  first_byte: milliseconds,
  idle: milliseconds,
  total: milliseconds,
});

/** A backend as administrators see it. */
export const backendView = z
  .strictObject({
    id: z.string(),
    provider_id: z.string(),
    uri: z.string(),
    upstream_model: z.string(),
    dialect: z.string(),
    capabilities,
    timeouts,
    max_concurrency: z.int().optional(),
    region: z.string().optional(),
    connection: connectionView.optional(),
    costs: prices.optional(),
    cost_source: z.string().optional().describe("Where the costs are from, with the date of the figures."),
    free: z.boolean(),
    status: z.enum(["active", "disabled"]),
    created_at: timestamp,
  })
  .meta({ id: "Backend" });

/** Tells a backend to an administrator. */
export function viewBackend(
  backend: Backend,
  deps: Pick<AdminDeps, "snapshot" | "clock">,
): z.infer<typeof backendView> {
  const cost = inForce(deps.snapshot.pricesOf(backend.id), deps.clock.now());
  return {
    id: backend.id,
    provider_id: backend.providerId,
    uri: backend.uri,
    upstream_model: backend.upstreamModel,
    dialect: backend.dialect,
    capabilities: [...backend.capabilities],
    timeouts: { ...backend.timeouts },
    ...(backend.maxConcurrency !== undefined && { max_concurrency: backend.maxConcurrency }),
    ...(backend.region !== undefined && { region: backend.region }),
    ...viewConnection(deps.snapshot.credentialsOf(backend.id)),
    ...(cost && { costs: tieredPricesOf(cost) }),
    ...(cost?.source !== undefined && { cost_source: cost.source }),
    free: backend.free,
    status: backend.status,
    created_at: isoTime(backend.createdAt),
  };
}
