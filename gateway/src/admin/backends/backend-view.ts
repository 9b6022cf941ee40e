import { z } from "zod";
import { formatAmount } from "../../base/money.ts";
import type { Backend } from "../../core/catalogue.ts";
import { FAULT_CLASSES } from "../../core/fault.ts";
import { tieredPricesOf } from "../../pricing/tiers.ts";
import { inForce } from "../../pricing/version.ts";
import { CIRCUIT_STATES } from "../../routing/circuit.ts";
import { HEALTH_STATES, healthState } from "../../routing/health.ts";
import { capabilities, isoTime, prices, timestamp, wholeNumber } from "../fields.ts";
import { managedBy, viewManaged } from "../declared.ts";
import type { AdminDeps } from "../deps.ts";
import { connectionView, viewConnection } from "../providers/provider-view.ts";

const HOUR_MS = 3_600_000;
const ACCOUNT_MAX = 1_000_000_000;
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

/** What the account behind a backend takes in any 60 seconds, on each node. */
export const accountLimit = wholeNumber(1, ACCOUNT_MAX);

/** How often a backend may be probed at a cost. */
export const probesPerHour = wholeNumber(1, 60);

/** The limits as a backend has them; nothing where there are none. */
export function accountLimits(
  rpm: number | undefined,
  tpm: number | undefined,
): Pick<Backend, "accountLimits"> {
  if (rpm === undefined && tpm === undefined) return {};
  return { accountLimits: { ...(rpm !== undefined && { rpm }), ...(tpm !== undefined && { tpm }) } };
}

/** What the answering node knows of a backend. */
export const healthView = z.strictObject({
  status: z
    .enum(HEALTH_STATES)
    .describe(
      "By the circuit: closed, half-open or open; `degraded` also while its provider fails background checks, or it the last probe.",
    ),
  circuit_state: z.enum(CIRCUIT_STATES),
  next_probe_in_ms: z.int().optional().describe("While the circuit is open."),
  in_flight: z.int().describe("Calls that have not ended."),
  latency_ms: z.int().optional().describe("To the first content of streams, on average."),
  last_fault: z
    .strictObject({ class: z.enum(FAULT_CLASSES), at: timestamp, reason: z.string() })
    .optional()
    .describe("The last failure that spoke against it."),
  last_check: z
    .strictObject({ ok: z.boolean(), at: timestamp, fault: z.enum(FAULT_CLASSES).optional() })
    .optional()
    .describe("Whether its provider lists its models: asked in the background, at no cost."),
  last_probe: z
    .strictObject({
      ok: z.boolean(),
      at: timestamp,
      fault: z.enum(FAULT_CLASSES).optional(),
      cost: z.string().describe("What it cost the platform."),
    })
    .optional()
    .describe(
      "Whether it answered a small request of the platform's own, where `probes_per_hour` allows any.",
    ),
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
    rpm: z.int().optional().describe("Requests that its account takes in any 60 seconds."),
    tpm: z.int().optional().describe("Tokens that its account takes in any 60 seconds."),
    probes_per_hour: z
      .int()
      .optional()
      .describe("Small requests an hour that are paid for to see whether it answers."),
    region: z.string().optional(),
    connection: connectionView.optional(),
    costs: prices.optional(),
    cost_source: z.string().optional().describe("Where the costs are from, with the date of the figures."),
    free: z.boolean(),
    status: z.enum(["active", "disabled"]),
    managed_by: managedBy,
    created_at: timestamp,
    health: healthView,
  })
  .meta({ id: "Backend" });

/** Tells a backend to an administrator. */
export function viewBackend(
  backend: Backend,
  deps: Pick<AdminDeps, "snapshot" | "clock" | "health" | "backendCalls">,
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
    ...backend.accountLimits,
    ...(backend.probesPerHour !== undefined && { probes_per_hour: backend.probesPerHour }),
    ...(backend.region !== undefined && { region: backend.region }),
    ...viewConnection(deps.snapshot.credentialsOf(backend.id)),
    ...(cost && { costs: tieredPricesOf(cost) }),
    ...(cost?.source !== undefined && { cost_source: cost.source }),
    free: backend.free,
    status: backend.status,
    ...viewManaged(backend),
    created_at: isoTime(backend.createdAt),
    health: viewHealth(backend.id, deps),
  };
}

/** Tells what this node knows of a backend. */
export function viewHealth(
  id: string,
  { health, clock, backendCalls }: Pick<AdminDeps, "clock" | "health" | "backendCalls">,
): z.infer<typeof healthView> {
  const known = health.backend(id);
  const { circuit, latency, lastFault, lastCheck, lastProbe } = known;
  const nowMs = clock.monotonic();
  const state = circuit.stateAt(nowMs);
  const latencyMs = latency.stream.last;
  return {
    status: healthState(known, nowMs),
    circuit_state: state,
    ...(state === "open" && { next_probe_in_ms: Math.ceil(circuit.restMsAt(nowMs)) }),
    in_flight: backendCalls(id),
    ...(latencyMs !== undefined && { latency_ms: Math.round(latencyMs) }),
    ...(lastFault && { last_fault: { ...lastFault, at: isoTime(lastFault.at) } }),
    ...(lastCheck && { last_check: { ...lastCheck, at: isoTime(lastCheck.at) } }),
    ...(lastProbe && {
      last_probe: { ...lastProbe, at: isoTime(lastProbe.at), cost: formatAmount(lastProbe.cost) },
    }),
  };
}
