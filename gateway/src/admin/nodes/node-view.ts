import { z } from "zod";
import { LOST_MS, NODE_SILENT_MS } from "../../store/nodes/nodes.ts";
import { listNodes, type StoredNode } from "../../store/nodes/reader.ts";
import { ApiError } from "../../errors.ts";
import type { AdminDeps } from "../deps.ts";
import { isoTime, timestamp } from "../fields.ts";
import type { NodeState } from "./node-state.ts";

export const nodeView = z
  .strictObject({
    id: z.string(),
    host: z.string(),
    version: z.string(),
    mode: z
      .string()
      .describe("What it does: `all`, `http` (serves only) or `worker` (background work only)."),
    status: z
      .enum(["alive", "silent", "lost", "ended", "retired"])
      .describe(
        "`silent`: not heard for ten seconds, and not ended; `lost`: for a minute, what it holds counts as spent; `retired`: an operator has closed it in its absence.",
      ),
    started_at: timestamp,
    heard_at: timestamp,
    ended_at: timestamp.optional(),
    holds: z
      .int()
      .describe("Requests for which it has something set aside in budgets, where nodes share the store."),
    quarantined: z.int().describe("Rows of its journal that the store would not take; they were set aside."),
    current: z.boolean().describe("Whether it is the one that answers."),
  })
  .meta({ id: "Node" });

/** A node, as the store knows it. */
export function viewNode(stored: StoredNode, { nodeId }: NodeState): z.infer<typeof nodeView> {
  return {
    id: stored.id,
    host: stored.host,
    version: stored.version,
    mode: stored.mode,
    status: statusOf(stored),
    started_at: isoTime(stored.startedAt),
    heard_at: isoTime(stored.heardAt),
    ...(stored.closedAt !== undefined && { ended_at: isoTime(stored.closedAt) }),
    holds: stored.holds,
    quarantined: stored.quarantined,
    current: stored.id === nodeId,
  };
}

function statusOf({ retiredAt, closedAt, silentMs }: StoredNode): z.infer<typeof nodeView>["status"] {
  if (retiredAt !== undefined) return "retired";
  if (closedAt !== undefined) return "ended";
  if (silentMs > LOST_MS) return "lost";
  return silentMs > Number(NODE_SILENT_MS) ? "silent" : "alive";
}

/** The node of a path. Throws ApiError NOT_FOUND. */
export async function namedNode(
  id: string,
  { read, node }: Pick<AdminDeps, "read" | "node">,
): Promise<StoredNode> {
  // A process that has its store to itself is no node of anything.
  const [found] = node().engine === "sqlite" ? [] : await listNodes(read, { limit: 1, id });
  if (found === undefined) throw new ApiError("NOT_FOUND");
  return found;
}
