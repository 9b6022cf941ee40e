import type { TrafficMinute } from "../../telemetry/traffic.ts";
import { build, type Write } from "../write.ts";
import type { TrafficTable } from "./tables.ts";

/** Keeps minutes of a node, in place of what was kept of them before. No statement for none. */
export function keepTraffic(minutes: readonly TrafficMinute[], nodeId: string): Write[] {
  if (minutes.length === 0) return [];
  const statement = build
    .insertInto("traffic")
    .values(minutes.map((minute) => rowOf(minute, nodeId)))
    .onConflict((conflict) =>
      conflict.columns(["level", "owner_id", "minute", "node_id"]).doUpdateSet((eb) => ({
        completed: eb.ref("excluded.completed"),
        client_gone: eb.ref("excluded.client_gone"),
        failed: eb.ref("excluded.failed"),
        refused: eb.ref("excluded.refused"),
        latencies: eb.ref("excluded.latencies"),
        first_contents: eb.ref("excluded.first_contents"),
      })),
    );
  return [{ statement, about: "traffic" }];
}

/** Deletes the oldest minutes of before an instant (epoch milliseconds), at most `limit` rows. */
export function deleteTrafficBefore(beforeMs: number, limit: number): Write {
  const oldest = build
    .selectFrom("traffic")
    .select(["level", "owner_id", "minute", "node_id"])
    .where("minute", "<", BigInt(beforeMs))
    .orderBy("minute")
    .limit(limit);
  const statement = build
    .deleteFrom("traffic")
    .where((eb) =>
      eb(
        eb.refTuple("level", "owner_id", "minute", "node_id"),
        "in",
        oldest.$asTuple("level", "owner_id", "minute", "node_id"),
      ),
    );
  return { statement, about: "traffic" };
}

function rowOf(
  { owner, minute, outcomes, latencies, firstContents }: TrafficMinute,
  nodeId: string,
): TrafficTable {
  return {
    level: owner.level,
    owner_id: owner.id,
    minute: BigInt(minute),
    node_id: nodeId,
    completed: BigInt(outcomes.completed),
    client_gone: BigInt(outcomes.client_gone),
    failed: BigInt(outcomes.failed),
    refused: BigInt(outcomes.refused),
    latencies: JSON.stringify(latencies),
    first_contents: JSON.stringify(firstContents),
  };
}
