import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { passwordOf } from "../../store/sign-in/reader.ts";
import { endSession, putPassword, withdrawInvitation } from "../../store/sign-in/writer.ts";
import { demandSecurePlace } from "../auth/browser.ts";
import { sessionsOf } from "../auth/invitation.ts";
import { countAttempt, newPassword, shownPassword } from "../auth/sign-in.ts";
import { adminEndpoint } from "../endpoint.ts";

/** Attempts of one account per rolling minute. */
const ATTEMPTS_PER_ACCOUNT = 10;

export const changePassword = adminEndpoint({
  method: "POST",
  path: "/v1/me/password",
  access: "signed_in",
  tag: "Identity",
  operationId: "changePassword",
  summary: "Change your password; you stay signed in here and nowhere else",
  costBearing: false,
  auditAction: "password.update",
  body: z.strictObject({ current_password: shownPassword, new_password: newPassword }).meta({
    examples: [{ current_password: "the present one", new_password: "a sentence nobody else thinks of" }],
  }),
  response: z.strictObject({ sessions_ended: z.int() }).meta({ id: "PasswordChanged" }),
  async handle({ principal, body, headers }, deps) {
    demandSecurePlace(headers, deps.place);
    const { user, proof } = principal;
    countAttempt([{ scopeId: `password ${user.id}`, limit: ATTEMPTS_PER_ACCOUNT }], deps);
    const hash = await passwordOf(deps.read, user.id);
    if (!(await deps.passwords.verify(body.current_password, hash))) {
      throw new ApiError("VALIDATION_ERROR", undefined, {
        details: [{ field: "current_password", message: "is not your password" }],
      });
    }
    const next = await deps.passwords.hash(body.new_password);
    const now = deps.clock.now();
    const kept = proof.kind === "session" ? proof.session.id : undefined;
    const ended = sessionsOf(user.id, deps).filter((id) => id !== kept);
    await deps.commit([
      ...ended.flatMap((id) => endSession(id, now)),
      withdrawInvitation(user.id),
      putPassword(user.id, next, now),
    ]);
    return { kind: "data", data: { sessions_ended: ended.length } };
  },
});
