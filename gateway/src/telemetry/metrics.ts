import { type MetricDescription, MetricRegistry } from "./registry.ts";
import type { MetricSources } from "./metric-sources.ts";

/** What there was too much of when a request was refused with OVERLOADED. */
export type ShedReason = "queue_full" | "queue_timeout" | "bodies" | "event_loop" | "memory" | "descriptors";

/** A request that has been answered. */
export interface AnsweredRequest {
  /** As the caller wrote it; undefined when it got no further than its headers. */
  readonly modelSlug?: string;
  /** Undefined when no backend was asked. */
  readonly backendId?: string;
  /** HTTP status sent. */
  readonly status: number;
  /** The door it came through: `native`, `openai`, … */
  readonly protocol: string;
  readonly durationSeconds: number;
}

/** Tokens of one settlement. */
export interface SettledTokens {
  readonly modelSlug: string;
  readonly tenantId: string;
  readonly input: number;
  readonly output: number;
}

const DURATION_BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];
const FIRST_TOKEN_BOUNDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30];
const OVERHEAD_BOUNDS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
];
const LAG_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const QUEUE_BOUNDS = [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20];
/** A histogram's child is some 16 lines of text. */
const HISTOGRAM_SERIES_MAX = 2_000;

const CIRCUITS = { closed: 0, half_open: 1, open: 2 } as const;
const HEALTHS = { healthy: 1, degraded: 0.5, unhealthy: 0 } as const;
const NO_MODEL = "none";
const UNKNOWN_MODEL = "unknown";
const NO_BACKEND = "none";

/** The product's metrics: one function per event. */
export class Metrics {
  readonly #sources: MetricSources;
  readonly #registry = new MetricRegistry();
  readonly #requests = this.#registry.counter({
    name: "scaigrid_requests_total",
    help: "Inference requests answered.",
    labels: ["model", "status", "protocol"],
  });
  readonly #durations = this.#registry.histogram(
    {
      name: "scaigrid_request_duration_seconds",
      help: "Seconds from a request's arrival to the last byte of its answer.",
      labels: ["model", "backend"],
      seriesMax: HISTOGRAM_SERIES_MAX,
    },
    DURATION_BOUNDS,
  );
  readonly #firstTokens = this.#registry.histogram(
    {
      name: "scaigrid_time_to_first_token_seconds",
      help: "Seconds from a request's arrival to the first content sent to the caller.",
      labels: ["model"],
      seriesMax: HISTOGRAM_SERIES_MAX,
    },
    FIRST_TOKEN_BOUNDS,
  );
  readonly #tokens = this.#registry.counter({
    name: "scaigrid_tokens_total",
    help: "Tokens settled, input and output.",
    labels: ["model", "direction", "tenant_id"],
  });
  readonly #overheads = this.#registry
    .histogram(
      {
        name: "scaigrid_gateway_overhead_seconds",
        help: "Seconds a request spent in the gateway rather than waiting for its upstream.",
        labels: [],
      },
      OVERHEAD_BOUNDS,
    )
    .with();
  readonly #lags = this.#registry
    .histogram(
      {
        name: "scaigrid_event_loop_lag_seconds",
        help: "Seconds that timers fired late.",
        labels: [],
      },
      LAG_BOUNDS,
    )
    .with();

  readonly #shed = this.#registry.counter({
    name: "scaigrid_load_shed_total",
    help: "Requests refused with OVERLOADED, by what there was too much of.",
    labels: ["reason"],
  });
  readonly #limited = this.#registry.counter({
    name: "scaigrid_rate_limited_total",
    help: "Requests refused with RATE_LIMITED, by level and by what is limited.",
    labels: ["level", "limit"],
  });
  readonly #queued = this.#registry.histogram(
    {
      name: "scaigrid_queue_wait_seconds",
      help: "Seconds that inference requests waited for a place, by how the wait ended.",
      labels: ["outcome"],
    },
    QUEUE_BOUNDS,
  );

  readonly #refusedCredentials = this.#registry.counter({
    name: "scaigrid_backend_credentials_refused_total",
    help: "Calls whose credentials the provider refused.",
    labels: ["backend_id"],
  });

  constructor(sources: MetricSources) {
    this.#sources = sources;
    for (const [name, help, value] of [
      ["scaigrid_inference_in_flight", "Inference requests that have a place.", () => sources.inFlight()],
      ["scaigrid_inference_waiting", "Inference requests that wait for a place.", () => sources.waiting()],
      [
        "scaigrid_request_body_bytes",
        "Bytes of the large request bodies in flight.",
        () => sources.bodyBytes(),
      ],
      ["scaigrid_store_bytes", "Bytes that the store holds.", () => sources.storeBytes()],
      ["scaigrid_disk_free_bytes", "Bytes that are free where the journal lies.", () => sources.diskFree()],
    ] as const) {
      this.#plain(name, help, value);
    }
    this.#registry.gauge(
      {
        name: "scaigrid_backend_inflight_requests",
        help: "Calls to a backend that have not ended.",
        labels: ["backend_id"],
      },
      function* () {
        for (const [backendId, calls] of sources.backendInflight()) yield [[backendId], calls];
      },
    );
    this.#watchBackends(sources);
    this.#plain("scaigrid_streams_open", "Streams being sent to callers.", () => sources.streamsOpen());
    this.#plain("scaigrid_answers_read_on", "Answers read on for callers who have left.", () =>
      sources.readOn(),
    );
    this.#plain("scaigrid_journal_pending", "Journal rows that wait for a commit.", () =>
      sources.journalPending(),
    );
    this.#watchStore(sources);
  }

  #watchBackends(sources: MetricSources): void {
    this.#registry.gauge(
      {
        name: "scaigrid_circuit_breaker_state",
        help: "The circuit of a backend on this node: 0 closed, 1 half-open, 2 open.",
        labels: ["backend_id"],
      },
      function* () {
        for (const { backendId, circuit } of sources.backendHealth()) yield [[backendId], CIRCUITS[circuit]];
      },
    );
    this.#registry.gauge(
      {
        name: "scaigrid_backend_health",
        help: "How a backend does on this node: 1 healthy, 0.5 degraded, 0 unhealthy.",
        labels: ["backend_id"],
      },
      function* () {
        for (const { backendId, health } of sources.backendHealth()) yield [[backendId], HEALTHS[health]];
      },
    );
  }

  #plain(name: string, help: string, value: (() => number) | undefined): void {
    if (value) this.#registry.gauge({ name, help, labels: [] }, () => [[[], value()]]);
  }

  #watchStore(sources: MetricSources): void {
    this.#plain(
      "scaigrid_accounting_drifts",
      "Differences between what requests come to and the ledger, the sums and the counters of budgets.",
      () => sources.accountingDrifts(),
    );
    this.#plain(
      "scaigrid_accounting_lag_seconds",
      "With PostgreSQL: seconds since all that had settled on this node was in the store.",
      sources.accountingLagSeconds,
    );
    this.#plain(
      "scaigrid_quarantined_rows",
      "With PostgreSQL: settlements of any node that it would not take, and on which nobody has decided.",
      sources.quarantinedRows,
    );
    this.#registry.gauge(
      {
        name: "scaigrid_store_operations_total",
        help: "How often the store was asked by management, reports and jobs, by what for.",
        labels: ["kind"],
      },
      () => {
        const { reads, commits } = sources.storeUse();
        return [
          [["read"], reads],
          [["write"], commits],
        ];
      },
      "counter",
    );
  }

  /** What there is to scrape. */
  get descriptions(): readonly MetricDescription[] {
    return this.#registry.descriptions;
  }

  requestAnswered(request: AnsweredRequest): void {
    const model = this.#modelLabel(request.modelSlug);
    this.#requests.with(model, String(request.status), request.protocol).inc();
    this.#durations.with(model, request.backendId ?? NO_BACKEND).observe(request.durationSeconds);
  }

  firstContentSent(modelSlug: string, seconds: number): void {
    this.#firstTokens.with(this.#modelLabel(modelSlug)).observe(seconds);
  }

  tokensSettled(settled: SettledTokens): void {
    const model = this.#modelLabel(settled.modelSlug);
    if (settled.input > 0) this.#tokens.with(model, "input", settled.tenantId).inc(settled.input);
    if (settled.output > 0) this.#tokens.with(model, "output", settled.tenantId).inc(settled.output);
  }

  overheadMeasured(seconds: number): void {
    this.#overheads.observe(seconds);
  }

  loadShed(reason: ShedReason): void {
    this.#shed.with(reason).inc();
  }

  /** A request was refused by a limit: of which level, and on what. */
  rateLimited(level: string, limit: "requests" | "tokens" | "concurrency"): void {
    this.#limited.with(level, limit).inc();
  }

  /** A provider does not take what it was shown. */
  credentialsRefused(backendId: string): void {
    this.#refusedCredentials.with(backendId).inc();
  }

  /** A request has waited for a place. */
  queueLeft(outcome: "placed" | "timeout" | "ended", seconds: number): void {
    this.#queued.with(outcome).observe(seconds);
  }

  eventLoopLagged(seconds: number): void {
    this.#lags.observe(seconds);
  }

  /** The Prometheus text of everything (content type `EXPOSITION_CONTENT_TYPE`). */
  render(): string {
    return this.#registry.render();
  }

  #modelLabel(slug: string | undefined): string {
    if (slug === undefined) return NO_MODEL;
    return this.#sources.isKnownModel(slug) ? slug : UNKNOWN_MODEL;
  }
}
