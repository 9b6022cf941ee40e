import type { DefaultText, Variable } from "../../gateway/src/config/variable.ts";
import { VARIABLES } from "../../gateway/src/config/variables.ts";
import { Metrics } from "../../gateway/src/telemetry/metrics.ts";
import { markdownTable, page } from "./reference.ts";

/** Every setting as a page of Markdown. */
export function configurationPage(): string {
  const variables: readonly Variable[] = Object.values(VARIABLES);
  const rows = variables.map(({ name, describes, example, secret, default: standard }) => [
    `\`${name}\``,
    standard === undefined ? "" : defaultText(standard),
    `\`${example}\``,
    `${describes}${secret ? " Secret: never shown." : ""}`,
  ]);
  return page("gateway/src/config/variables.ts", [
    "# Configuration",
    "Settings are environment variables. An unknown name beginning with `SCAIGRID_` and a value that is not " +
      "well-formed are refused at the start, with the nearest known name and what the value must be.",
    markdownTable(["variable", "default", "example", "meaning"], rows),
  ]);
}

function defaultText(standard: DefaultText): string {
  if (typeof standard === "string") return `\`${standard}\``;
  return `\`${standard.terminal}\` on a terminal, otherwise \`${standard.otherwise}\``;
}

/** Every metric as a page of Markdown. */
export function metricsPage(): string {
  const metrics = new Metrics({
    isKnownModel: () => false,
    backendInflight: () => [],
    backendHealth: () => [],
    streamsOpen: () => 0,
    readOn: () => 0,
    journalPending: () => 0,
    accountingLagSeconds: () => 0,
    accountingDrifts: () => 0,
    storeUse: () => ({ reads: 0, commits: 0 }),
    inFlight: () => 0,
    waiting: () => 0,
    bodyBytes: () => 0,
    storeBytes: () => 0,
    diskFree: () => 0,
  });
  const rows = metrics.descriptions.map(({ name, type, help, labels }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(", "),
    help,
  ]);
  return page("gateway/src/telemetry/metrics.ts", [
    "# Metrics",
    "`GET /metrics` answers in the Prometheus text format: to this machine, or with `SCAIGRID_METRICS_TOKEN` set to " +
      "whoever sends it as a bearer token. Labels come from known models and ids only; a model nobody has declared " +
      "counts as `unknown`.",
    markdownTable(["metric", "type", "labels", "meaning"], rows),
  ]);
}
