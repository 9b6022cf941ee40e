import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { invite } from "../auth/invitation.ts";
import { adminEndpoint } from "../endpoint.ts";
import { timestamp } from "../fields.ts";
import { demandHeld } from "../iam/demand-held.ts";
import { demandUnnarrowed } from "../narrowed.ts";
import { committed } from "../refusals.ts";
import { administeredUser, demandNoGreater } from "./administered.ts";

/** A link with which a person sets their password. */
export const invitationView = z
  .strictObject({
    link: z.string().describe("To be handed to the person: works once, and is shown here and never again."),
    expires_at: timestamp,
  })
  .meta({ id: "Invitation" });

export const inviteUser = adminEndpoint({
  method: "POST",
  path: "/v1/users/{user_id}/invitation",
  access: "users:manage",
  tag: "Users",
  operationId: "createInvitation",
  summary: "Make a one-time link with which a person sets their password, the first or another",
  costBearing: false,
  auditAction: "invitation.create",
  params: z.strictObject({ user_id: z.string() }),
  response: invitationView,
  async handle({ principal, params }, deps) {
    const user = await administeredUser(params.user_id, principal, deps);
    demandNoGreater(user, principal, deps);
    demandUnnarrowed(principal);
    // Whoever has the link becomes the person: a key gives away no more than it lets through.
    demandHeld(deps.snapshot.permissionsHeld(user), principal);
    if (user.kind !== "human" || user.email === undefined) {
      throw new ApiError("CONFLICT", "Only a person with an e-mail address signs in.", {
        hint: "Give a service an API key instead.",
      });
    }
    const { writes, invitation } = invite(user.id, deps);
    await committed(deps.commit(writes), { missing_parent: "NOT_FOUND" });
    return { kind: "data", status: 201, data: invitation };
  },
});
