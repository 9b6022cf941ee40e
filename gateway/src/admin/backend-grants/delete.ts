import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { deleteGrant } from "../../store/grants/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";
import { changeableGrant } from "./seen-grant.ts";

export const deleteBackendGrant = adminEndpoint({
  method: "DELETE",
  path: "/v1/backend-grants/{grant_id}",
  access: "partner:manage",
  tag: "Backends",
  summary: "Take a grant back: models that were routed under it have one backend less at once",
  costBearing: false,
  auditAction: "backend_grant.delete",
  params: z.strictObject({ grant_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const scope = administeredScope(principal);
    const grant = await changeableGrant(params.grant_id, principal, deps);
    await committed(deps.commit(deleteGrant(grant.id, scope, deps.clock.now())), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(grant.id) };
  },
});
