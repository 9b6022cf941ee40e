import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { newId } from "../../base/ids.ts";
import type { User } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { countUsers, findTenant } from "../../store/tenancy/reader.ts";
import { createUser } from "../../store/tenancy/writer.ts";
import { email } from "../auth/sign-in.ts";
import { invite } from "../auth/invitation.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { demandUnnarrowed } from "../narrowed.ts";
import { committed } from "../refusals.ts";
import { limitsChange, madeLimits } from "../rate-limits.ts";
import { invitationView } from "./invite.ts";
import { customRolesGiven, demandGrantable, demandGrantableCustom, rolesGiven } from "./roles-given.ts";
import { userView, viewUser } from "./user-view.ts";

/** Users of one tenant. */
const USERS_PER_TENANT = 100_000;

export const createUserEndpoint = adminEndpoint({
  method: "POST",
  path: "/v1/users",
  access: "users:manage",
  tag: "Users",
  errors: ["QUOTA_EXCEEDED"],
  summary: "Add a person or a service to a tenant",
  costBearing: false,
  auditAction: "user.create",
  body: z
    .strictObject({
      display_name: shownText,
      email: email.optional(),
      kind: z.enum(["human", "service"]).default("human"),
      roles: rolesGiven.default(["tenant_user"]),
      custom_role_ids: customRolesGiven.default([]),
      tenant_id: z.string().optional().describe("Your own tenant when absent."),
      rate_limits: limitsChange.optional(),
    })
    .refine((body) => body.kind !== "human" || body.email !== undefined, {
      path: ["email"],
      message: "is needed for a person: they sign in with it",
    })
    .meta({ examples: [{ display_name: "Ada", email: "ada@example.com", roles: ["tenant_user"] }] }),
  response: userView
    .extend({ invitation: invitationView.optional().describe("For a person: how they set their password.") })
    .meta({ id: "CreatedUser" }),
  async handle({ principal, body }, deps) {
    const tenantId = body.tenant_id ?? principal.tenant.id;
    const scope = administeredScope(principal);
    if (!(await findTenant(deps.read, scope, tenantId))) throw noSuchTenant();
    if (body.kind === "human") demandUnnarrowed(principal);
    demandGrantable(body.roles, principal);
    demandGrantableCustom(body.custom_role_ids, tenantId, principal, deps);
    if ((await countUsers(deps.read, tenantId)) >= USERS_PER_TENANT) {
      throw new ApiError("QUOTA_EXCEEDED", `A tenant has at most ${USERS_PER_TENANT} users.`);
    }
    const now = deps.clock.now();
    const user: User = {
      id: newId("user", now),
      tenantId,
      ...(body.email !== undefined && { email: body.email }),
      displayName: body.display_name,
      kind: body.kind,
      status: "active",
      roles: body.roles,
      ...(body.custom_role_ids.length > 0 && { customRoleIds: body.custom_role_ids }),
      ...madeLimits("user", body.rate_limits, scope, deps.config),
    };
    const invited = user.kind === "human" ? invite(user.id, deps) : undefined;
    await committed(deps.commit([...createUser(user, now), ...(invited?.writes ?? [])]), {});
    const invitation = invited && { invitation: invited.invitation };
    return { kind: "data", status: 201, data: { ...viewUser(user, deps), ...invitation } };
  },
});

/** The same for a tenant that does not exist and for one the caller does not administer. */
function noSuchTenant(): ApiError {
  return new ApiError("VALIDATION_ERROR", undefined, {
    details: [{ field: "tenant_id", message: "is no tenant that you administer" }],
  });
}
