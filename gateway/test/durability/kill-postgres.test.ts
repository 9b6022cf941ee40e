import { test } from "bun:test";
import { randomBytes } from "node:crypto";
import { freshDatabase } from "../harness/database.ts";
import { startGateway } from "../harness/gateway.ts";
import { describePart } from "../parts.ts";
import { proveKills, ROUND_MS_MAX } from "./kill-rounds.ts";
import type { Victim } from "./kill-rounds.ts";
import { readClusterLedger, waitingIntents } from "./records.ts";

/** More rounds: `SCAIGRID_TEST_ROUNDS=20 npm test -- gateway/test/durability`. */
const ROUNDS = Number(process.env["SCAIGRID_TEST_ROUNDS"] ?? 2);
/** After so long a start has nothing (more) to recover. */
const RECOVERY_MS_MAX = 3_000;

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Resolves while a starting gateway settles what the dead one has left in its journal. */
async function recoverySettles(folder: string): Promise<void> {
  const before = waitingIntents(folder);
  if (before === 0) return;
  const deadline = performance.now() + RECOVERY_MS_MAX;
  while (waitingIntents(folder) === before) {
    if (performance.now() > deadline) return;
    await turn();
  }
}

async function victimOn(server: string): Promise<Victim> {
  const database = await freshDatabase(server);
  const gateway = await startGateway({
    env: {
      SCAIGRID_RATE_LIMITS: "key:0,user:0,tenant:0,partner:0",
      SCAIGRID_DATABASE_URL: database.url,
      SCAIGRID_SECRET_KEY: randomBytes(32).toString("hex"),
    },
  });
  return {
    gateway,
    ledger: () => readClusterLedger(database.url, gateway.dataDir),
    recovering: () => recoverySettles(gateway.dataDir),
    async dispose() {
      await gateway.dispose();
      await database.drop();
    },
  };
}

describePart("postgres", "kill -9 with a thousand streams in flight, on PostgreSQL", (server) => {
  test(
    "leaves exactly one record per request, charged between what the client had and what the upstream sent",
    () => proveKills(ROUNDS, () => victimOn(server)),
    ROUNDS * ROUND_MS_MAX,
  );
});
