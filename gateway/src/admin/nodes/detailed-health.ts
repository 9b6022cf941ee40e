import { z } from "zod";
import { VERSION } from "../../base/version.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, timestamp } from "../fields.ts";
import type { NodeState } from "./node-state.ts";

const view = z
  .strictObject({
    status: z.enum(["ready", "not_ready"]),
    checks: z.record(z.string(), z.string()).describe("Those of `/health/ready`."),
    version: z.string(),
    engine: z.enum(["sqlite", "postgres"]),
    node_id: z.string().optional().describe("Where several processes share the store."),
    host: z.string(),
    started_at: timestamp,
    uptime_seconds: z.int(),
    in_flight: z.int().describe("Inference requests between their authentication and their end."),
    streams_open: z.int(),
    waiting: z.int().describe("Requests that wait for a place."),
    strain: z.string().optional().describe("What there is too much of, while inference is refused for it."),
    journal_pending: z.int(),
    accounting_lag_seconds: z.number().describe("Since all that had settled here was in the store."),
    quarantined_rows: z
      .int()
      .describe("Settlements of any node that the store would not take, and on which nobody has decided."),
    accounting_drifts: z
      .int()
      .describe("Differences between what requests come to and the ledger, the sums and the budgets."),
    unreadable_prices: z
      .int()
      .describe(
        "Prices and entries of price books that the store has no sense of; what they price is not priced.",
      ),
    memory_bytes: z.int(),
    disk: z
      .strictObject({
        state: z.enum(["ok", "low", "full"]),
        free_bytes: z.int().optional(),
        reserve_bytes: z.int().describe("Below it nothing that costs money is begun; 0 = nobody looks."),
      })
      .describe("Of the data folder."),
    store: z
      .strictObject({
        state: z
          .enum(["ok", "over"])
          .describe("`over`: it comes up to its limit, and the oldest traces are deleted before their time."),
        bytes: z.int().optional(),
        max_bytes: z.int().describe("0 = no limit."),
      })
      .describe("What it holds, without what was deleted."),
    backends: z.int(),
    circuits_open: z.int().describe("Backends that are not asked at this moment."),
  })
  .meta({ id: "DetailedHealth" });

export const detailedHealth = adminEndpoint({
  method: "GET",
  path: "/health/detailed",
  access: "platform:manage",
  tag: "System",
  operationId: "getDetailedHealth",
  summary: "How this process fares, in figures; asks the store nothing",
  costBearing: false,
  response: view,
  async handle(_call, { node, clock }) {
    return { kind: "data", data: viewState(node(), clock.now()) };
  },
});

function viewState(state: NodeState, nowMs: number): z.infer<typeof view> {
  return {
    status: state.accepting ? "ready" : "not_ready",
    checks: { ...state.checks },
    version: VERSION,
    engine: state.engine,
    ...(state.nodeId !== undefined && { node_id: state.nodeId }),
    host: state.host,
    started_at: isoTime(state.startedAt),
    uptime_seconds: Math.max(0, Math.floor((nowMs - state.startedAt) / 1000)),
    in_flight: state.inFlight,
    streams_open: state.streams,
    waiting: state.waiting,
    ...(state.strain !== undefined && { strain: state.strain }),
    journal_pending: state.journalPending,
    accounting_lag_seconds: Math.max(0, state.accountingLagMs) / 1000,
    quarantined_rows: state.quarantined,
    accounting_drifts: state.drifts,
    unreadable_prices: state.unreadablePrices,
    memory_bytes: state.memoryBytes,
    disk: {
      state: state.disk.state,
      ...(state.disk.freeBytes !== undefined && { free_bytes: state.disk.freeBytes }),
      reserve_bytes: state.disk.reserveBytes,
    },
    store: {
      state: state.store.isOver ? "over" : "ok",
      ...(state.store.bytes !== undefined && { bytes: state.store.bytes }),
      max_bytes: state.store.maxBytes,
    },
    backends: state.circuits.backends,
    circuits_open: state.circuits.open,
  };
}
