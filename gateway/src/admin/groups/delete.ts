import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { deleteGroup } from "../../store/iam/writer.ts";
import { demandNoneDeclared } from "../budgets/budgeted.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed, demandUnused } from "../refusals.ts";
import { administeredGroup } from "./group-view.ts";

export const deleteGroupEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/groups/{group_id}",
  access: "users:manage",
  tag: "Groups",
  summary: "Delete a group that is given no role; its members stay",
  costBearing: false,
  errors: ["DECLARED_IN_FILE"],
  auditAction: "group.delete",
  params: z.strictObject({ group_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const group = await administeredGroup(params.group_id, principal, deps);
    demandUnused("group", [
      { field: "role_mappings", count: [...deps.snapshot.iam.mappingsOf(group.id)].length },
    ]);
    demandNoneDeclared(({ scopeId }) => scopeId === group.id, deps);
    const writes = deleteGroup(group.id, administeredScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(group.id) };
  },
});
