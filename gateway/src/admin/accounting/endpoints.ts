import type { Endpoint } from "../../core/endpoint.ts";
import type { AdminDeps } from "../deps.ts";
import { createAdjustment } from "./adjust.ts";
import { listAdjustmentsEndpoint } from "./adjustments.ts";
import { listLedgerBalances } from "./balances.ts";
import { exportUsage } from "./export.ts";
import { listLedger } from "./ledger.ts";
import { getStatement } from "./statement.ts";
import { usageSummary } from "./summary.ts";
import { getTraffic } from "./traffic.ts";
import { listUsageEndpoint } from "./usage.ts";

/** What has been used, what it comes to, and what is owed for it. */
export const ACCOUNTING: readonly Endpoint<AdminDeps>[] = [
  listUsageEndpoint,
  usageSummary,
  exportUsage,
  getStatement,
  createAdjustment,
  listAdjustmentsEndpoint,
  listLedger,
  listLedgerBalances,
  getTraffic,
];
