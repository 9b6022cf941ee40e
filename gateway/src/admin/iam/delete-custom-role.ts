import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { deleteCustomRole } from "../../store/iam/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed, demandUnused } from "../refusals.ts";
import { administeredRole, holdersOf } from "./administered-role.ts";

export const deleteCustomRoleEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/iam/custom-roles/{role_id}",
  access: "users:manage",
  tag: "Roles",
  summary: "Delete a custom role that nobody has",
  costBearing: false,
  auditAction: "custom_role.delete",
  params: z.strictObject({ role_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const role = await administeredRole(params.role_id, principal, deps);
    const { users, mappings } = holdersOf(role.id, deps);
    demandUnused("custom role", [
      { field: "users", count: users },
      { field: "role_mappings", count: mappings },
    ]);
    const writes = deleteCustomRole(role.id, administeredScope(principal), deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(role.id) };
  },
});
