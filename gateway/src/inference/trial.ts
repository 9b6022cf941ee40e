import type { ServedAt } from "../core/accounting.ts";
import type { Credentials } from "../core/catalogue.ts";
import { type Fault, type FaultClass, isUnknownThere } from "../core/fault.ts";
import type { Usage } from "../core/usage.ts";
import { estimateTokens } from "../pricing/usage-estimate.ts";
import type { CircuitState, Pass } from "../routing/circuit.ts";
import { amount, partnerPriceOf } from "../settlement/settle.ts";
import type { Candidate } from "../routing/candidate.ts";
import type { InferenceDeps } from "./deps.ts";
import type { Held } from "./stages/08-hold.ts";

/** Milliseconds between two alarms about the same backend. */
const ALARM_MS = 60_000;

const MODEL_HINT =
  "give the backend a model that its provider has, and see that the provider's address is where its API begins: many end with /v1";

/** What a fault says of the backend: against it; that it is busy; nothing, for the request is at fault. */
const SAYS: Readonly<Record<FaultClass, "failed" | "limited" | "nothing">> = {
  rate_limited: "limited",
  timeout: "failed",
  unavailable: "failed",
  server_error: "failed",
  network: "failed",
  auth: "failed",
  shape: "failed",
  bad_request: "nothing",
  context_length: "nothing",
  content_filter: "nothing",
};

/** One call to one backend, as what is known of that backend learns of it: told how it ended once, whatever happens. */
export class Trial {
  /** What the backend is shown this time. */
  readonly credentials: Credentials;
  readonly #candidate: Candidate;
  readonly #held: Held;
  readonly #deps: InferenceDeps;
  readonly #startedMs: number;
  readonly #keyPosition: number;
  readonly #pass: Pass;
  #isOver = false;

  constructor(candidate: Candidate, held: Held, deps: InferenceDeps) {
    const { health, keys, backend } = candidate;
    const { call } = held;
    const { intent } = held.open;
    this.#candidate = candidate;
    this.#held = held;
    this.#deps = deps;
    this.#startedMs = deps.clock.monotonic();
    this.#pass = health.circuit.enter(this.#startedMs);
    this.#keyPosition = health.keyPosition;
    this.credentials = keys[this.#keyPosition % keys.length] ?? candidate.credentials;
    // What the caller has of an answer that broke off is the former backend's, until this one goes on.
    if (!call.progress.delivered) this.#serves();
    if (backend.accountLimits !== undefined) this.#countAtAccount(intent.inputEstimate);
  }

  #countAtAccount(inputEstimate: number): void {
    const { account } = this.#candidate.health;
    const { clock } = this.#deps;
    const { id: tenantId } = this.#held.principal.tenant;
    account.sent(inputEstimate, this.#startedMs, tenantId);
    this.#held.call.countAccountTokens = (tokens) =>
      account.used(tokens - inputEstimate, clock.monotonic(), tenantId);
  }

  /** The answer has begun. */
  began(): void {
    const { health } = this.#candidate;
    const nowMs = this.#deps.clock.monotonic();
    this.#serves();
    const form = this.#held.call.stream ? "stream" : "whole";
    health.latency[form].measured(nowMs - this.#startedMs, nowMs);
    const { news } = this.#deps.health;
    if (news.hasRefusals) news.accepted(this.#candidate.provider.id, this.credentials);
    const before = this.#state();
    health.circuit.began(this.#pass);
    this.#tellSince(before);
  }

  /** The answer is whole. */
  completed(): void {
    if (!this.#ends()) return;
    const before = this.#state();
    this.#candidate.health.circuit.succeeded(this.#pass, this.#deps.clock.monotonic());
    this.#tellSince(before);
  }

  /** It came to nothing, or broke off. */
  failed(fault: Fault): void {
    const { health, keys } = this.#candidate;
    const { clock, random } = this.#deps;
    if (fault.simulated === true || fault.unread === true) return this.left();
    if (!this.#ends()) return;
    const nowMs = clock.monotonic();
    const says = SAYS[fault.class];
    const isOfKey = fault.class === "rate_limited" || fault.class === "auth";
    if (keys.length > 1 && isOfKey) health.keyRefused(this.#keyPosition);
    if (fault.class === "auth") this.#refused(fault, nowMs);
    else if (isUnknownThere(fault)) this.#unknown(fault, nowMs);
    if (says === "failed") {
      health.lastFault = { class: fault.class, at: clock.now(), reason: fault.reason };
      const before = this.#state();
      health.circuit.failed(this.#pass, nowMs, random());
      this.#tellSince(before);
    } else if (says === "limited") health.circuit.limited(this.#pass, nowMs, random());
    else health.circuit.spared(this.#pass);
  }

  /** It has ended for a reason that is not the backend's; harmless after any other end. */
  left(): void {
    if (this.#ends()) this.#candidate.health.circuit.spared(this.#pass);
  }

  /** The backend is paid for an answer that was of no use: its prompt, and so many bytes of what it said. */
  wasted(bytes: number, promptTokens = this.#held.open.intent.inputEstimate): void {
    const usage: Usage = { input: promptTokens, output: estimateTokens(bytes) };
    this.#held.call.costOfOthers += amount(usage, this.#candidate.cost);
  }

  /** From now on the request is booked as this backend's. */
  #serves(): void {
    const { progress } = this.#held.call;
    progress.backendId = this.#candidate.backend.id;
    progress.outputPerKb = this.#deps.estimates.outputPerKb(progress.backendId);
    progress.served = servedAt(this.#candidate, this.#held);
  }

  #ends(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    return true;
  }

  #state(): CircuitState {
    return this.#candidate.health.circuit.stateAt(this.#deps.clock.monotonic());
  }

  /** Logs where the circuit has changed. */
  #tellSince(before: CircuitState): void {
    const after = this.#state();
    if (before === after) return;
    const { health, backend, provider } = this.#candidate;
    const { circuit } = health;
    const { clock, log, health: all } = this.#deps;
    const fields = { backend_id: backend.id, request_id: this.#held.call.requestId };
    if (after === "closed") log.log("info", "circuit_closed", fields);
    if (after !== "open") return;
    const { class: fault, reason } = health.lastFault ?? {};
    const outage = { backendId: backend.id, providerId: provider.id, at: clock.now() };
    all.news.opened({ ...outage, ...(fault !== undefined && { fault }) });
    const retry_after = Math.ceil(circuit.restMsAt(clock.monotonic()) / 1000);
    log.log("warn", "circuit_opened", { ...fields, fault, reason, retry_after });
  }

  /** A provider that refuses our credentials is the operator's to hear of, and no caller's. */
  #refused(fault: Fault, nowMs: number): void {
    const { backend, provider } = this.#candidate;
    const { metrics, clock, health } = this.#deps;
    metrics.credentialsRefused(backend.id);
    const refusal = { providerId: provider.id, backendId: backend.id, at: clock.now() };
    const { status: httpStatus } = fault;
    health.news.refused({ ...refusal, ...(httpStatus !== undefined && { httpStatus }) }, this.credentials);
    this.#alarm("credentials_refused", fault, nowMs, "give the provider or the backend a key that works");
  }

  /** So is one that does not know the model, which may have been retired: callers may be served elsewhere. */
  #unknown(fault: Fault, nowMs: number): void {
    const { health } = this.#candidate;
    health.lastFault = { class: fault.class, at: this.#deps.clock.now(), reason: fault.reason };
    this.#alarm("upstream_model_unknown", fault, nowMs, MODEL_HINT);
  }

  /** At most once in a while for each backend. */
  #alarm(event: string, { reason, status }: Fault, nowMs: number, hint: string): void {
    const { backend, provider, health } = this.#candidate;
    if (nowMs - health.alarmedMs < ALARM_MS) return;
    health.alarmedMs = nowMs;
    this.#deps.log.log("error", event, {
      backend_id: backend.id,
      provider_id: provider.id,
      request_id: this.#held.call.requestId,
      upstream_status: status,
      reason,
      hint,
    });
  }
}

/** What a request pays and costs here, where that is not what its intent says. */
function servedAt(candidate: Candidate, { open: { intent }, tariff }: Held): ServedAt | undefined {
  const costVersionId = candidate.cost?.id;
  const paid = tariff.paidAt(candidate);
  const partnerPriceId = partnerPriceOf(paid);
  const isPromised =
    costVersionId === intent.costVersionId &&
    paid.tenant === intent.priceVersionId &&
    partnerPriceId === intent.partnerPriceId;
  return isPromised ? undefined : { priceVersionId: paid.tenant, partnerPriceId, costVersionId };
}
