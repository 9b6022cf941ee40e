import { z } from "zod";
import { administeredScope } from "../../access/scope.ts";
import { updateUser } from "../../store/tenancy/writer.ts";
import { email } from "../auth/sign-in.ts";
import { adminEndpoint } from "../endpoint.ts";
import { shownText } from "../fields.ts";
import { given } from "../given.ts";
import { changedLimits, limitsChange } from "../rate-limits.ts";
import { committed } from "../refusals.ts";
import { status } from "../tenancy-fields.ts";
import { administeredUser, demandAnother, demandNoGreater } from "./administered.ts";
import { userView, viewUser } from "./user-view.ts";
import { getUser } from "./get.ts";

export const updateUserEndpoint = adminEndpoint({
  method: "PATCH",
  path: "/v1/users/{user_id}",
  access: "users:manage",
  tag: "Users",
  summary: "Rename a user, change their address, suspend them or let them go on",
  costBearing: false,
  auditAction: "user.update",
  changes: getUser,
  params: z.strictObject({ user_id: z.string() }),
  body: z
    .strictObject({
      display_name: shownText.optional(),
      email: email.optional(),
      status: status
        .optional()
        .describe("`suspended` refuses their keys and sessions and cuts what they have in flight."),
      rate_limits: limitsChange.optional(),
    })
    .meta({ examples: [{ status: "suspended" }] }),
  response: userView,
  async handle({ principal, params, body }, deps) {
    const user = await administeredUser(params.user_id, principal, deps);
    if (body.status === "suspended") demandAnother(user, principal, "suspends");
    if (body.rate_limits) demandAnother(user, principal, "sets the limits of");
    demandNoGreater(user, principal, deps);
    const scope = administeredScope(principal);
    const change = given({
      displayName: body.display_name,
      email: body.email,
      status: body.status,
      limitsSet: changedLimits("user", user, body.rate_limits, scope, deps.config).limitsSet,
    });
    const writes = updateUser(user.id, change, scope, deps.clock.now());
    await committed(deps.commit(writes), { missing: "NOT_FOUND" });
    return { kind: "data", data: viewUser(deps.snapshot.userById(user.id) ?? user, deps) };
  },
});
