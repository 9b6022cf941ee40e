import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { ApiError } from "../../errors.ts";
import { findRoleMapping } from "../../store/iam/reader.ts";
import { deleteRoleMapping } from "../../store/iam/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { demandHeld } from "../iam/demand-held.ts";
import { committed } from "../refusals.ts";

export const deleteRoleMappingEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/role-mappings/{mapping_id}",
  access: "users:manage",
  tag: "Groups",
  summary: "Take a role from a group; its members lose it with their next call",
  costBearing: false,
  auditAction: "role_mapping.delete",
  params: z.strictObject({ mapping_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const scope = administeredScope(principal);
    const mapping = await findRoleMapping(deps.read, params.mapping_id, scope);
    if (!mapping) throw new ApiError("NOT_FOUND");
    demandHeld(deps.snapshot.iam.givenBy(mapping.groupId), principal);
    const writes = deleteRoleMapping(mapping.id, scope, deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(mapping.id) };
  },
});
