import { z } from "zod";
import type { TrafficMinute, TrafficOwner } from "../../telemetry/traffic.ts";
import type { Reader } from "../store.ts";

const counted = z.array(z.tuple([z.int(), z.int()]));

/** What ended at an owner from an instant on (epoch milliseconds), by minute and node, in no order. */
export async function readTraffic(
  read: Reader,
  owner: TrafficOwner,
  sinceMs: number,
): Promise<readonly TrafficMinute[]> {
  const rows = await read
    .selectFrom("traffic")
    .selectAll()
    .where("level", "=", owner.level)
    .where("owner_id", "=", owner.id)
    .where("minute", ">=", BigInt(sinceMs))
    .execute();
  return rows.map((row) => ({
    owner,
    minute: Number(row.minute),
    outcomes: {
      completed: Number(row.completed),
      client_gone: Number(row.client_gone),
      failed: Number(row.failed),
      refused: Number(row.refused),
    },
    latencies: counted.parse(JSON.parse(row.latencies)),
    firstContents: counted.parse(JSON.parse(row.first_contents)),
  }));
}

/** Whether there are minutes of before an instant. */
export async function hasTrafficBefore(read: Reader, beforeMs: number): Promise<boolean> {
  const row = await read
    .selectFrom("traffic")
    .select("minute")
    .where("minute", "<", BigInt(beforeMs))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
