import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { NODE_SILENT_MS } from "../../store/nodes/nodes.ts";
import { retireNode } from "../../store/nodes/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { namedNode, nodeView, viewNode } from "./node-view.ts";

export const retireNodeEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/nodes/{node_id}/retire",
  access: "platform:manage",
  tag: "System",
  operationId: "retireNode",
  errors: ["CONFLICT"],
  summary:
    "Close a node that nobody hears of; what it holds in budgets stays counted until it is back or forgiven",
  costBearing: false,
  auditAction: "node.retire",
  params: z.strictObject({ node_id: z.string() }),
  response: nodeView,
  async handle({ params }, deps) {
    const node = await namedNode(params.node_id, deps);
    if (node.closedAt !== undefined) throw new ApiError("CONFLICT", "This node is closed already.");
    if (node.silentMs <= Number(NODE_SILENT_MS)) {
      throw new ApiError("CONFLICT", "This node is alive.", {
        hint: "End its process with SIGTERM instead.",
      });
    }
    await committed(deps.commit(retireNode(node.id)), {});
    return { kind: "data", data: viewNode(await namedNode(node.id, deps), deps.node()) };
  },
});
