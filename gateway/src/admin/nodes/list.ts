import { z } from "zod";
import { VERSION } from "../../base/version.ts";
import { NODE_SILENT_MS } from "../../store/nodes/nodes.ts";
import { listNodes, type StoredNode } from "../../store/nodes/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, pageQuery, timestamp } from "../fields.ts";
import { pageOfRows, storePage } from "../paging.ts";
import type { NodeState } from "./node-state.ts";

/** What the one process of an installation on SQLite is called. */
const ALONE = "local";

const nodeView = z
  .strictObject({
    id: z.string(),
    host: z.string(),
    version: z.string(),
    status: z
      .enum(["alive", "silent", "ended"])
      .describe("`silent`: not heard for ten seconds, and not ended."),
    started_at: timestamp,
    heard_at: timestamp,
    ended_at: timestamp.optional(),
    quarantined: z.int().describe("Rows of its journal that the store would not take; they were set aside."),
    current: z.boolean().describe("Whether it is the one that answers."),
  })
  .meta({ id: "Node" });

export const listNodesEndpoint = adminEndpoint({
  method: "GET",
  path: "/v1/nodes",
  access: "platform:manage",
  tag: "System",
  operationId: "listNodes",
  summary: "The processes that share the store, those of the last seven days included, newest first",
  costBearing: false,
  query: z.strictObject(pageQuery),
  response: nodeView,
  list: true,
  async handle({ query }, { read, node, clock }) {
    const state = node();
    if (state.engine === "sqlite") {
      return { kind: "page", page: { items: [viewAlone(state, clock.now())] } };
    }
    const page = pageOfRows(await listNodes(read, storePage("node", query)), query);
    const items = page.items.map((each) => viewNode(each, state));
    return { kind: "page", page: { ...page, items } };
  },
});

function viewAlone({ host, startedAt }: NodeState, nowMs: number): z.infer<typeof nodeView> {
  return {
    id: ALONE,
    host,
    version: VERSION,
    status: "alive",
    started_at: isoTime(startedAt),
    heard_at: isoTime(nowMs),
    quarantined: 0,
    current: true,
  };
}

function viewNode(stored: StoredNode, { nodeId }: NodeState): z.infer<typeof nodeView> {
  const isSilent = stored.silentMs > Number(NODE_SILENT_MS);
  return {
    id: stored.id,
    host: stored.host,
    version: stored.version,
    status: stored.closedAt !== undefined ? "ended" : isSilent ? "silent" : "alive",
    started_at: isoTime(stored.startedAt),
    heard_at: isoTime(stored.heardAt),
    ...(stored.closedAt !== undefined && { ended_at: isoTime(stored.closedAt) }),
    quarantined: stored.quarantined,
    current: stored.id === nodeId,
  };
}
