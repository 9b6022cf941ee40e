import { z } from "zod";
import type { Principal } from "../../core/principal.ts";
import { ApiError } from "../../errors.ts";
import { endSession } from "../../store/sign-in/writer.ts";
import { findUser } from "../../store/tenancy/reader.ts";
import { administeredScope } from "../../access/scope.ts";
import type { AdminDeps } from "../deps.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { demandNoGreater } from "../users/administered.ts";

export const endSessionEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/auth/sessions/{session_id}",
  access: "signed_in",
  tag: "Sign-in",
  operationId: "endSession",
  summary: "End a session: your own, or as an administrator that of a user",
  costBearing: false,
  auditAction: "session.delete",
  params: z.strictObject({ session_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const { session_id: id } = params;
    await demandEndable(id, principal, deps);
    await deps.commit(endSession(id, deps.clock.now()));
    return { kind: "data", data: deletion(id) };
  },
});

/** Throws ApiError NOT_FOUND for a session elsewhere as for none, AUTHZ_PERMISSION_DENIED for one of somebody greater. */
async function demandEndable(id: string, principal: Principal, deps: AdminDeps): Promise<void> {
  const session = deps.snapshot.sessionById(id);
  if (session?.userId === principal.user.id) return;
  if (!principal.permissions.has("users:manage")) throw new ApiError("NOT_FOUND");
  // Asked for an unknown session as well, so that both take the same way.
  const user = await findUser(deps.read, administeredScope(principal), session?.userId ?? "");
  if (!user) throw new ApiError("NOT_FOUND");
  demandNoGreater(user, principal, deps);
}
