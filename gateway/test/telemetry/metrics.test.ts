import { describe, expect, test } from "bun:test";
import type { MetricSources } from "../../src/telemetry/metric-sources.ts";
import { Metrics } from "../../src/telemetry/metrics.ts";
import { MetricRegistry } from "../../src/telemetry/registry.ts";

function metricsWith(changes: Partial<MetricSources> = {}): Metrics {
  return new Metrics({
    isKnownModel: (slug) => slug === "openai/gpt-4o",
    backendInflight: () => [["be_1", 3]],
    backendHealth: () => [],
    streamsOpen: () => 2,
    readOn: () => 1,
    journalPending: () => 7,
    accountingLagSeconds: () => 1.5,
    accountingDrifts: () => 0,
    storeUse: () => ({ reads: 8, commits: 9 }),
    inFlight: () => 5,
    waiting: () => 4,
    bodyBytes: () => 3,
    diskFree: () => 2,
    storeBytes: () => 9,
    ...changes,
  });
}

function linesOf(text: string, name: string): readonly string[] {
  return text.split("\n").filter((line) => line.startsWith(name));
}

describe("MetricRegistry", () => {
  test("counters are exposed with help, type and one line per label set", () => {
    const registry = new MetricRegistry();
    const calls = registry.counter({ name: "calls_total", help: "Calls.", labels: ["method", "path"] });
    calls.with("GET", "/a").inc();
    calls.with("GET", "/a").inc(2.5);
    calls.with("GET", "/b").inc();
    expect(registry.render()).toBe(
      "# HELP calls_total Calls.\n# TYPE calls_total counter\n" +
        'calls_total{method="GET",path="/a"} 3.5\ncalls_total{method="GET",path="/b"} 1\n',
    );
  });

  test("histograms are cumulative, end at +Inf, and count a value on a bound as within it", () => {
    const registry = new MetricRegistry();
    const times = registry
      .histogram({ name: "t_seconds", help: "Times.", labels: ["m"] }, [0.1, 1])
      .with("x");
    for (const value of [0.05, 0.1, 0.5, 1, 7]) times.observe(value);
    expect(linesOf(registry.render(), "t_seconds")).toEqual([
      't_seconds_bucket{m="x",le="0.1"} 2',
      't_seconds_bucket{m="x",le="1"} 4',
      't_seconds_bucket{m="x",le="+Inf"} 5',
      't_seconds_sum{m="x"} 8.65',
      't_seconds_count{m="x"} 5',
    ]);
  });

  test("quotes, backslashes and line ends in label values and help cannot break out", () => {
    const registry = new MetricRegistry();
    registry
      .counter({ name: "c_total", help: "a\nb\\c", labels: ["l"] })
      .with('"} 1\n# \\x')
      .inc();
    expect(registry.render()).toBe(
      '# HELP c_total a\\nb\\\\c\n# TYPE c_total counter\nc_total{l="\\"} 1\\n# \\\\x"} 1\n',
    );
  });

  test("label sets are bounded: later ones share one series, and none of what was counted is lost", () => {
    const registry = new MetricRegistry();
    const counter = registry.counter({ name: "c_total", help: "C.", labels: ["a", "b"], seriesMax: 3 });
    for (let i = 0; i < 1_000; i++) counter.with(`a${i}`, "b").inc();
    counter.with("a0", "b").inc();
    const samples = linesOf(registry.render(), "c_total{");
    expect(samples).toHaveLength(4);
    expect(samples).toContain('c_total{a="a0",b="b"} 2');
    expect(samples).toContain('c_total{a="other",b="other"} 997');
  });

  test("two metrics of one name are refused", () => {
    const registry = new MetricRegistry();
    registry.counter({ name: "c_total", help: "C.", labels: [] });
    expect(() => registry.gauge({ name: "c_total", help: "C.", labels: [] }, () => [])).toThrow("c_total");
  });
});

describe("the product's metrics", () => {
  test("are exactly the documented ones with exactly their labels", () => {
    const metrics = metricsWith();
    metrics.requestAnswered({
      modelSlug: "openai/gpt-4o",
      backendId: "be_1",
      status: 200,
      protocol: "native",
      durationSeconds: 1.2,
    });
    metrics.firstContentSent("openai/gpt-4o", 0.3);
    metrics.tokensSettled({ modelSlug: "openai/gpt-4o", tenantId: "tenant_1", input: 10, output: 20 });
    metrics.overheadMeasured(0.0001);
    metrics.eventLoopLagged(0.002);
    metrics.loadShed("queue_full");
    metrics.rateLimited("tenant", "tokens");
    metrics.queueLeft("placed", 0.2);
    const samples = metrics
      .render()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#") && !/_(bucket|sum)[{ ]/.test(line));
    expect(samples).toEqual([
      'scaigrid_requests_total{model="openai/gpt-4o",status="200",protocol="native"} 1',
      'scaigrid_request_duration_seconds_count{model="openai/gpt-4o",backend="be_1"} 1',
      'scaigrid_time_to_first_token_seconds_count{model="openai/gpt-4o"} 1',
      'scaigrid_tokens_total{model="openai/gpt-4o",direction="input",tenant_id="tenant_1"} 10',
      'scaigrid_tokens_total{model="openai/gpt-4o",direction="output",tenant_id="tenant_1"} 20',
      "scaigrid_gateway_overhead_seconds_count 1",
      "scaigrid_event_loop_lag_seconds_count 1",
      'scaigrid_load_shed_total{reason="queue_full"} 1',
      'scaigrid_rate_limited_total{level="tenant",limit="tokens"} 1',
      'scaigrid_queue_wait_seconds_count{outcome="placed"} 1',
      "scaigrid_inference_in_flight 5",
      "scaigrid_inference_waiting 4",
      "scaigrid_request_body_bytes 3",
      "scaigrid_store_bytes 9",
      "scaigrid_disk_free_bytes 2",
      'scaigrid_backend_inflight_requests{backend_id="be_1"} 3',
      "scaigrid_streams_open 2",
      "scaigrid_answers_read_on 1",
      "scaigrid_journal_pending 7",
      "scaigrid_accounting_drifts 0",
      "scaigrid_accounting_lag_seconds 1.5",
      'scaigrid_store_operations_total{kind="read"} 8',
      'scaigrid_store_operations_total{kind="write"} 9',
    ]);
  });

  test("a slug nobody has heard of never becomes a label", () => {
    const metrics = metricsWith();
    for (let i = 0; i < 50; i++) {
      metrics.requestAnswered({
        modelSlug: `junk/${i}`,
        status: 404,
        protocol: "native",
        durationSeconds: 0,
      });
    }
    metrics.requestAnswered({ status: 401, protocol: "native", durationSeconds: 0 });
    const text = metrics.render();
    expect(text).not.toContain("junk");
    expect(linesOf(text, "scaigrid_requests_total{")).toEqual([
      'scaigrid_requests_total{model="unknown",status="404",protocol="native"} 50',
      'scaigrid_requests_total{model="none",status="401",protocol="native"} 1',
    ]);
  });

  test("gauges are read when asked", () => {
    let open = 1;
    const metrics = metricsWith({ streamsOpen: () => open });
    expect(metrics.render()).toContain("scaigrid_streams_open 1\n");
    open = 5;
    expect(metrics.render()).toContain("scaigrid_streams_open 5\n");
  });
});
