import { z } from "zod";
import { ApiError } from "../../errors.ts";
import { findPasswords } from "../../store/sign-in/reader.ts";
import { accountOf } from "./account-of.ts";
import { demandOwnOrigin, demandSecurePlace } from "./browser.ts";
import { publicEndpoint } from "./endpoint.ts";
import { countAttempt, email, openSession, shownPassword, signedIn, viewSignedIn } from "./sign-in.ts";

/** Attempts per rolling minute. */
const ATTEMPTS_PER_ADDRESS = 30;
const ATTEMPTS_PER_ACCOUNT = 10;

export const login = publicEndpoint({
  method: "POST",
  path: "/v1/auth/login",
  tag: "Sign-in",
  operationId: "signIn",
  errors: ["AUTH_TOKEN_INVALID"],
  summary: "Sign in with e-mail and password; the answer sets the session cookie",
  auditAction: "session.create",
  body: z
    .strictObject({ email, password: shownPassword })
    .meta({ examples: [{ email: "ada@example.com", password: "a sentence nobody else thinks of" }] }),
  response: signedIn,
  async handle({ body, headers, address }, deps) {
    demandOwnOrigin(headers, deps.place);
    demandSecurePlace(headers, deps.place);
    countAttempt(
      [
        { scopeId: `address ${address}`, limit: ATTEMPTS_PER_ADDRESS },
        { scopeId: `account ${body.email}`, limit: ATTEMPTS_PER_ACCOUNT },
      ],
      deps,
    );
    const accounts = await findPasswords(deps.read, body.email);
    const first = deps.snapshot.userById(accounts[0]?.userId ?? "");
    if (first) deps.attribute(first);
    const found = await accountOf(accounts, body.password, deps.passwords);
    const user = found && deps.snapshot.userById(found.userId);
    if (user) deps.attribute(user);
    // One answer for an unknown address, a wrong password and a suspended account.
    if (user?.status !== "active") {
      throw new ApiError("AUTH_TOKEN_INVALID", "The e-mail address or the password is wrong.", {
        hint: "Check both; an administrator can make a new link with `scaigrid admin reset`.",
      });
    }
    const session = openSession(user.id, headers, deps);
    await deps.commit(session.writes);
    return { kind: "data", data: viewSignedIn(user), headers: session.headers };
  },
});
