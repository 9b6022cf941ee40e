import { z } from "zod";
import { VERSION } from "../../base/version.ts";
import { listNodes } from "../../store/nodes/reader.ts";
import { adminEndpoint } from "../endpoint.ts";
import { isoTime, pageQuery } from "../fields.ts";
import { pageOfRows, storePage } from "../paging.ts";
import type { NodeState } from "./node-state.ts";
import { nodeView, viewNode } from "./node-view.ts";

/** What the one process of an installation on SQLite is called. */
const ALONE = "local";

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
    mode: "all",
    status: "alive",
    started_at: isoTime(startedAt),
    heard_at: isoTime(nowMs),
    holds: 0,
    quarantined: 0,
    current: true,
  };
}
