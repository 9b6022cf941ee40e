import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { changed } from "../../store/changes/writer.ts";
import { revokeKeys } from "../../store/keys/writer.ts";
import { endSession } from "../../store/sign-in/writer.ts";
import { deleteUser } from "../../store/tenancy/writer.ts";
import { demandNoneDeclared } from "../budgets/budgeted.ts";
import { adminEndpoint } from "../endpoint.ts";
import { deleted, deletion } from "../fields.ts";
import { committed } from "../refusals.ts";
import { administeredUser, demandAnother, demandNoGreater } from "./administered.ts";

export const deleteUserEndpoint = adminEndpoint({
  method: "DELETE",
  path: "/v1/users/{user_id}",
  access: "users:manage",
  tag: "Users",
  summary: "Delete a user: keys revoked, sessions ended, name and address forgotten; their usage stays",
  costBearing: false,
  errors: ["DECLARED_IN_FILE"],
  auditAction: "user.delete",
  params: z.strictObject({ user_id: z.string() }),
  response: deleted,
  async handle({ principal, params }, deps) {
    const { snapshot } = deps;
    const user = await administeredUser(params.user_id, principal, deps);
    demandAnother(user, principal, "deletes");
    demandNoGreater(user, principal, deps);
    demandNoneDeclared(({ userId }) => userId === user.id, deps);
    const now = deps.clock.now();
    const scope = administeredScope(principal);
    const sessions = [...snapshot.sessions()].filter(({ userId }) => userId === user.id);
    const writes = [
      ...revokeKeys(snapshot.activeKeyIdsOf(user.id), scope, now),
      ...sessions.flatMap(({ id }) => endSession(id, now)),
      ...[...snapshot.iam.groupsOf(user.id)].map((id) => changed("group", id, now)),
      ...deleteUser(user.id, scope, now),
    ];
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: deletion(user.id) };
  },
});
