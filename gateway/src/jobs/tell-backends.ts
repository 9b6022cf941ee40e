import type { Clock } from "../base/clock.ts";
import { newId } from "../base/ids.ts";
import type { EventType, OutboxEvent } from "../core/event.ts";
import type { BackendHealth, Health } from "../routing/health.ts";
import type { Outage } from "../routing/news.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { lastBackendEvents } from "../store/events/reader.ts";
import { addEvents } from "../store/events/writer.ts";
import type { Reader } from "../store/store.ts";
import type { Write } from "../store/write.ts";

export interface TellBackendsDeps {
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly snapshot: Pick<Snapshot, "backendById" | "providerById">;
  readonly health: Health;
  readonly read: Reader;
  /** Rejects with StoreUnavailable. */
  readonly commit: (writes: readonly Write[]) => Promise<void>;
  /** Where several nodes share the store: which one this is, and which are alive. */
  readonly shared?: { readonly nodeId: string; liveNodes(): readonly string[] };
}

/**
 * Tells of backends that have become unhealthy or have recovered, and of providers that refuse our credentials: once
 * for each change, as this node sees it.
 */
export class BackendTeller {
  readonly #deps: TellBackendsDeps;
  #hasAdopted = false;

  constructor(deps: TellBackendsDeps) {
    this.#deps = deps;
  }

  /** Rejects with StoreUnavailable: then the next call goes on. */
  async run(): Promise<void> {
    const { health } = this.#deps;
    if (!this.#hasAdopted) await this.#adopt();
    for (const outage of health.news.outages) await this.#tellOf(outage);
    for (const refusal of health.news.refusals) {
      if (refusal.told) continue;
      const { providerId, backendId, httpStatus, at } = refusal;
      // Before the commit: what the provider accepts meanwhile is seen.
      refusal.told = true;
      const payload = {
        resource_type: "provider",
        resource_id: providerId,
        backend_id: backendId,
        ...(httpStatus !== undefined && { http_status: httpStatus }),
      };
      await this.#tell("provider.auth_failed", payload, at).catch((error: unknown) => {
        refusal.told = false;
        throw error;
      });
    }
  }

  async #tellOf(outage: Outage): Promise<void> {
    const { clock, health, snapshot } = this.#deps;
    const { backendId, providerId, at, fault } = outage;
    if (snapshot.backendById(backendId) === undefined) return health.news.ended(backendId);
    const about = { resource_type: "backend", resource_id: backendId, provider_id: providerId };
    if (!outage.told) {
      await this.#tell("backend.unhealthy", { ...about, ...(fault !== undefined && { fault }) }, at);
      outage.told = true;
    }
    if (!isWell(health.backend(backendId), clock.monotonic())) return;
    const since = { unhealthy_since: new Date(at).toISOString() };
    await this.#tell("backend.recovered", { ...about, ...since }, clock.now());
    health.news.ended(backendId);
  }

  /** Takes over what processes that are no more have told of and have not seen end. */
  async #adopt(): Promise<void> {
    const { read, health, shared } = this.#deps;
    const alive = new Set(shared?.liveNodes());
    for (const { type, payload, at } of await lastBackendEvents(read)) {
      const { resource_id: backendId, provider_id: providerId, node_id: nodeId } = payload;
      if (type !== "backend.unhealthy" || (nodeId !== undefined && alive.has(nodeId))) continue;
      health.news.opened({ backendId, providerId, at }, true);
    }
    this.#hasAdopted = true;
  }

  #tell(type: EventType, payload: OutboxEvent["payload"], at: number): Promise<void> {
    const { commit, shared } = this.#deps;
    const node = shared && { node_id: shared.nodeId };
    return commit(addEvents([{ id: newId("evt", at), type, payload: { ...payload, ...node }, at }]));
  }
}

/** Whether a backend is called again, and not only because nobody has tried. */
function isWell({ circuit, latency, lastCheck }: BackendHealth, nowMs: number): boolean {
  const hasAnswered = latency.stream.last !== undefined || latency.whole.last !== undefined;
  return circuit.stateAt(nowMs) === "closed" && (hasAnswered || lastCheck?.ok === true);
}
