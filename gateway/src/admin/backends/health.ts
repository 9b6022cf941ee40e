import { z } from "zod";
import type { Backend, Provider } from "../../core/catalogue.ts";
import { FAULT_CLASSES } from "../../core/fault.ts";
import { CIRCUIT_STATES } from "../../routing/circuit.ts";
import { changed } from "../../store/changes/writer.ts";
import { ApiError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, timestamp } from "../fields.ts";
import { askForModels, faultSentence, type Listing } from "../providers/listing.ts";

const health = z
  .strictObject({
    backend_id: z.string(),
    status: z
      .enum(["healthy", "degraded", "unhealthy", "unavailable"])
      .describe(
        "`degraded`: the provider answers and does not list the model; `unhealthy`: it answers and refuses; `unavailable`: it does not answer, or the backend is switched off.",
      ),
    checked_at: timestamp,
    latency_ms: z.int(),
    model_listed: z.boolean().optional(),
    fault: z.enum(FAULT_CLASSES).optional(),
    http_status: z.int().optional().describe("What the provider answered, if it answered."),
    message: z.string(),
    circuit_state: z.enum(CIRCUIT_STATES).describe("Afterwards."),
    circuit_closed: z
      .boolean()
      .describe(
        "Whether this call has closed the circuit, on every node: the provider answers and lists the model.",
      ),
  })
  .meta({ id: "BackendHealth" });

export const backendHealth = adminEndpoint({
  method: "GET",
  path: "/v1/backends/{backend_id}/health",
  access: "platform:manage",
  tag: "Backends",
  operationId: "getBackendHealth",
  errors: ["BACKEND_NOT_FOUND"],
  summary: "How a backend does now, by a call to its provider that costs nothing",
  costBearing: false,
  params: z.strictObject({ backend_id: z.string() }),
  response: health,
  async handle({ params }, deps) {
    const backend = deps.snapshot.backendById(params.backend_id);
    const provider = backend && deps.snapshot.providerById(backend.providerId);
    if (!backend || !provider) throw new ApiError("BACKEND_NOT_FOUND");
    const listing = await askForModels(provider, deps.snapshot.credentialsOf(backend.id), deps);
    const seen = healthOf(backend, provider, listing, deps);
    const closed = seen.status === "healthy" && (await closeCircuit(backend.id, deps));
    const known = deps.health.backend(backend.id);
    known.lastCheck = {
      ok: listing.fault === undefined,
      at: deps.clock.now(),
      ...(listing.fault && { fault: listing.fault.class }),
    };
    const circuitState = known.circuit.stateAt(deps.clock.monotonic());
    return { kind: "data", data: { ...seen, circuit_state: circuitState, circuit_closed: closed } };
  },
});

/**
 * Closes the circuit of a backend that is well; says whether it was not closed here. Other nodes are told of a backend
 * that has changed, and begin with it anew.
 */
async function closeCircuit(id: string, deps: AdminDeps): Promise<boolean> {
  const { circuit } = deps.health.backend(id);
  const isOpen = circuit.stateAt(deps.clock.monotonic()) !== "closed";
  circuit.close();
  if (deps.freshness) await deps.commit([changed("backend", id, deps.clock.now())]);
  return isOpen;
}

function healthOf(
  backend: Backend,
  provider: Provider,
  listing: Listing,
  { clock }: Pick<AdminDeps, "clock">,
): Omit<z.infer<typeof health>, "circuit_state" | "circuit_closed"> {
  const { models, fault, latencyMs } = listing;
  const about = { backend_id: backend.id, checked_at: isoTime(clock.now()), latency_ms: latencyMs };
  if (fault) {
    const silent = fault.class === "network" || fault.class === "timeout";
    return {
      ...about,
      status: silent ? "unavailable" : "unhealthy",
      fault: fault.class,
      ...(fault.status !== undefined && { http_status: fault.status }),
      message: faultSentence(fault),
    };
  }
  const listed = models.some(({ id }) => id === backend.upstreamModel);
  if (backend.status !== "active" || provider.status !== "active") {
    const message = "The provider answers; the backend or its provider is switched off.";
    return { ...about, status: "unavailable", model_listed: listed, message };
  }
  const message = listed
    ? "The provider answers and lists the model."
    : "The provider answers and does not list the model: calls may fail.";
  return { ...about, status: listed ? "healthy" : "degraded", model_listed: listed, message };
}
