import { describe, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { startGateway } from "../harness/gateway.ts";
import { proveKills, ROUND_MS_MAX } from "./kill-rounds.ts";
import type { Victim } from "./kill-rounds.ts";
import { readLedger } from "./records.ts";

/** More rounds: `SCAIGRID_TEST_ROUNDS=20 npm test -- gateway/test/durability`. */
const ROUNDS = Number(process.env["SCAIGRID_TEST_ROUNDS"] ?? 4);
/** After so long a start has nothing (more) to recover. */
const RECOVERY_MS_MAX = 2_000;
/** What the settlements of a thousand requests add to the write-ahead log, roughly. */
const RECOVERY_LOG_BYTES = 1_000_000;
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * Resolves while a starting gateway writes its recovered settlements: opening empties the write-ahead log, and
 * the recovery is the first to write to it again. `logBytes` says how far it may get.
 */
async function recoveryWrites(folder: string, logBytes: number): Promise<void> {
  const log = join(folder, "scaigrid.db-wal");
  const bytes = () => statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const deadline = performance.now() + RECOVERY_MS_MAX;
  while (bytes() > 0 && performance.now() < deadline) await turn();
  while (bytes() < logBytes && performance.now() < deadline) await turn();
}

async function victim(): Promise<Victim> {
  const gateway = await startGateway({
    env: { SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0" },
  });
  return {
    gateway,
    ledger: () => Promise.resolve(readLedger(gateway.dataDir)),
    recovering: () => recoveryWrites(gateway.dataDir, 1 + Math.random() * RECOVERY_LOG_BYTES),
    dispose: () => gateway.dispose(),
  };
}

describe("kill -9 with a thousand streams in flight", () => {
  test(
    "leaves exactly one record per request, charged between what the client had and what the upstream sent",
    () => proveKills(ROUNDS, victim),
    ROUNDS * ROUND_MS_MAX,
  );
});
