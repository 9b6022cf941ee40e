import type { Backend, Provider } from "../core/catalogue.ts";
import type { Fault, FaultClass } from "../core/fault.ts";
import { vendorOf } from "../providers/catalogue.ts";
import type { Health } from "../routing/health.ts";
import { changed } from "../store/changes/writer.ts";
import type { Reader } from "../store/store.ts";
import { lastProbes } from "../store/usage/reader.ts";
import type { Write } from "../store/write.ts";
import type { Logger } from "../telemetry/logs.ts";
import { type ProbeDeps, probeBackend } from "./probe-backend.ts";

const HOUR_MS = 3_600_000;
/** Between two looks at what other nodes have sent. */
const LOOK_MS = 5_000;
/** Backends probed at once. */
const AT_ONCE = 4;

/** What says nothing of the backend: the probe itself was no good there, or it is busy. */
const SPARED: ReadonlySet<FaultClass> = new Set([
  "bad_request",
  "context_length",
  "content_filter",
  "rate_limited",
]);

export interface PaidProbesDeps extends ProbeDeps {
  readonly health: Health;
  readonly read: Reader;
  readonly random: () => number;
  /** One node sends for all. */
  readonly isOnDuty: () => boolean;
  /** Whether other nodes are to be told of a backend that is well again. */
  readonly isShared: boolean;
  /** Rejects with StoreUnavailable. */
  commit(writes: readonly Write[]): Promise<void>;
  readonly log: Pick<Logger, "log">;
}

/** A backend that may be probed at a cost, its provider, and how long it is left alone in between. */
interface Wanted {
  readonly backend: Backend;
  readonly provider: Provider;
  readonly restMs: number;
}

/**
 * Sends small requests of the platform's own to the backends that allow it, so that one whose provider lists a model and
 * does not serve it is found before callers find it. Never more often than a backend allows, whatever starts anew or
 * takes over: what was sent stands in the usage, where the other nodes read what has come of it.
 */
export class PaidProbes {
  readonly #deps: PaidProbesDeps;
  /** When backends were probed last, in epoch milliseconds, as far as this process knows. */
  readonly #last = new Map<string, number>();
  /** Monotonic milliseconds. */
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** Backends whose probes cannot be priced, which was told. */
  readonly #unpriced = new Set<string>();

  constructor(deps: PaidProbesDeps) {
    this.#deps = deps;
  }

  /** Probes what is due, or sees what others have. Rejects with StoreUnavailable: the next call goes on. */
  async run(): Promise<void> {
    const { clock, isOnDuty, stopping } = this.#deps;
    const isDue = ({ backend, restMs }: Wanted): boolean =>
      (this.#last.get(backend.id) ?? Number.NEGATIVE_INFINITY) + restMs <= clock.now();
    const wanted = this.#wanted();
    const isSending = isOnDuty() && wanted.some(isDue);
    const isOld = clock.monotonic() - this.#lookedMs >= LOOK_MS;
    if (wanted.length === 0 || (!isSending && !isOld)) return;
    await this.#look();
    const due = isSending ? wanted.filter(isDue) : [];
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let next = due.pop(); next && !stopping.aborted; next = due.pop()) await this.#probe(next);
    });
    await Promise.all(workers);
  }

  /** Takes note of what was sent by whom ever, before a start too. */
  async #look(): Promise<void> {
    const { clock, read, health, snapshot } = this.#deps;
    const found = await lastProbes(read, clock.now() - HOUR_MS);
    this.#lookedMs = clock.monotonic();
    for (const [id, probe] of found) {
      this.#last.set(id, Math.max(probe.at, this.#last.get(id) ?? probe.at));
      if (!snapshot.backendById(id)) continue;
      const known = health.backend(id);
      if ((known.lastProbe?.at ?? 0) < probe.at) known.lastProbe = probe;
    }
  }

  #wanted(): readonly Wanted[] {
    const { snapshot } = this.#deps;
    const wanted: Wanted[] = [];
    for (const backend of snapshot.backends()) {
      if (backend.probesPerHour === undefined || backend.status !== "active") continue;
      const provider = snapshot.providerById(backend.providerId);
      if (provider?.status !== "active" || !snapshot.hasCredentials(backend.id)) continue;
      // What answers in this process always does.
      if (vendorOf(provider)?.transport === "sandbox") continue;
      wanted.push({ backend, provider, restMs: HOUR_MS / backend.probesPerHour });
    }
    const ids = new Set(wanted.map(({ backend }) => backend.id));
    for (const id of this.#last.keys()) if (!ids.has(id)) this.#last.delete(id);
    for (const id of this.#unpriced) if (!ids.has(id)) this.#unpriced.delete(id);
    return wanted;
  }

  async #probe({ backend, provider }: Wanted): Promise<void> {
    const { clock, health, log, stopping } = this.#deps;
    this.#last.set(backend.id, clock.now());
    const { circuit } = health.backend(backend.id);
    const pass = circuit.enter(clock.monotonic());
    const probed = await probeBackend(backend, provider, this.#deps).catch((error: unknown) => {
      if (!stopping.aborted) {
        circuit.spared(pass);
        throw error;
      }
    });
    if (stopping.aborted) return circuit.spared(pass);
    if (probed === undefined) {
      circuit.spared(pass);
      if (this.#unpriced.has(backend.id)) return;
      this.#unpriced.add(backend.id);
      const hint = "give the backend its costs, or mark it free";
      log.log("warn", "probe_not_priced", { backend_id: backend.id, hint });
      return;
    }
    const { fault, cost, requestId } = probed;
    if (fault) this.#failed(backend, fault, pass, requestId);
    else await this.#answered(backend, pass, requestId);
    const ok = fault === undefined;
    const seen = { ok, at: clock.now(), cost, ...(fault && { fault: fault.class }) };
    // The commit may have had it forgotten, and a backend that was deleted is not to be remembered.
    if (this.#deps.snapshot.backendById(backend.id)) health.backend(backend.id).lastProbe = seen;
  }

  async #answered({ id }: Backend, pass: number, requestId: string): Promise<void> {
    const { clock, health, log, isShared } = this.#deps;
    const { circuit } = health.backend(id);
    const wasOpen = circuit.stateAt(clock.monotonic()) !== "closed";
    circuit.succeeded(pass, clock.monotonic());
    if (!wasOpen) return;
    circuit.close();
    log.log("info", "circuit_closed", { backend_id: id, request_id: requestId });
    // Other nodes begin with it anew.
    if (isShared) await this.#deps.commit([changed("backend", id, clock.now())]);
  }

  #failed({ id, providerId }: Backend, fault: Fault, pass: number, requestId: string): void {
    const { clock, health, log, random } = this.#deps;
    const known = health.backend(id);
    const { circuit } = known;
    const nowMs = clock.monotonic();
    const fields = { backend_id: id, request_id: requestId, fault: fault.class, reason: fault.reason };
    log.log("warn", "probe_failed", fields);
    if (SPARED.has(fault.class)) return circuit.spared(pass);
    known.lastFault = { class: fault.class, at: clock.now(), reason: fault.reason };
    const before = circuit.stateAt(nowMs);
    circuit.failed(pass, nowMs, random());
    if (before === "open" || circuit.stateAt(nowMs) !== "open") return;
    health.news.opened({ backendId: id, providerId, at: clock.now(), fault: fault.class });
    log.log("warn", "circuit_opened", fields);
  }
}
