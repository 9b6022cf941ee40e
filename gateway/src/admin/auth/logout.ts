import { z } from "zod";
import { endSession } from "../../store/sign-in/writer.ts";
import { adminEndpoint } from "../endpoint.ts";
import { noSessionCookie } from "./browser.ts";

const signedOut = z.strictObject({ signed_out: z.literal(true) }).meta({ id: "SignedOut" });
const DONE: z.infer<typeof signedOut> = { signed_out: true };

export const logout = adminEndpoint({
  method: "POST",
  path: "/v1/auth/logout",
  access: "signed_in",
  tag: "Sign-in",
  operationId: "signOut",
  summary: "End this browser session",
  costBearing: false,
  auditAction: "session.delete",
  response: signedOut,
  async handle({ principal: { proof }, headers }, deps) {
    if (proof.kind === "session") await deps.commit(endSession(proof.session.id, deps.clock.now()));
    return {
      kind: "data",
      data: DONE,
      headers: { "set-cookie": noSessionCookie(headers, deps.place) },
    };
  },
});
