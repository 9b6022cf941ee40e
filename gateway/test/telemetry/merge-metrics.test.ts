import { expect, test } from "bun:test";
import { mergeMetrics } from "../../src/telemetry/merge-metrics.ts";
import { MetricRegistry } from "../../src/telemetry/registry.ts";

function textOf(count: number): string {
  const registry = new MetricRegistry();
  registry
    .counter({ name: "calls_total", help: "Calls.\nAll of them.", labels: ["status"] })
    .with("2{0}0")
    .inc(count);
  registry.gauge({ name: "open", help: "Open ones.", labels: [] }, () => [[[], count]]);
  return registry.render();
}

test("the metrics of several processes are told once, each sample with its process", () => {
  expect(
    mergeMetrics([
      { index: 1, text: textOf(3) },
      { index: 2, text: textOf(4) },
    ]),
  ).toBe(
    `# HELP calls_total Calls.\\nAll of them.
# TYPE calls_total counter
calls_total{process="1",status="2{0}0"} 3
calls_total{process="2",status="2{0}0"} 4
# HELP open Open ones.
# TYPE open gauge
open{process="1"} 3
open{process="2"} 4
`,
  );
  expect(mergeMetrics([])).toBe("");
});
