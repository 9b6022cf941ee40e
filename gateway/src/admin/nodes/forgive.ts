import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { forgiveNode } from "../../store/nodes/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { committed } from "../refusals.ts";
import { namedNode, nodeView, viewNode } from "./node-view.ts";

export const forgiveNodeEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/nodes/{node_id}/forgive",
  access: "platform:manage",
  tag: "System",
  operationId: "forgiveNode",
  errors: ["CONFLICT"],
  summary: "Free what a retired node holds in budgets, once it is known to be gone for good",
  costBearing: false,
  auditAction: "node.forgive",
  params: z.strictObject({ node_id: z.string() }),
  response: nodeView,
  async handle({ params }, deps) {
    const node = await namedNode(params.node_id, deps);
    if (node.retiredAt === undefined) {
      throw new ApiError("CONFLICT", "This node is not retired.", { hint: "Retire it first." });
    }
    await committed(deps.commit(forgiveNode(node.id)), {});
    return { kind: "data", data: viewNode(await namedNode(node.id, deps), deps.node()) };
  },
});
