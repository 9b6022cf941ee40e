import { z } from "zod";
import { sha256Hex } from "../../base/crypto.ts";
import { newId } from "../../base/ids.ts";
import type { Reply } from "../../core/endpoint.ts";
import type { User } from "../../core/tenancy.ts";
import { revokeKeys } from "../../store/keys/writer.ts";
import { findPasswords, findPerson, isClaimOpen } from "../../store/sign-in/reader.ts";
import { endSession, putPassword, useClaim, withdrawInvitation } from "../../store/sign-in/writer.ts";
import { createUser, restoreAdministrator } from "../../store/tenancy/writer.ts";
import type { Write } from "../../store/write.ts";
import { ApiError } from "../../errors.ts";
import type { AdminDeps, PublicDeps } from "../deps.ts";
import { committed } from "../refusals.ts";
import { demandOwnOrigin, demandSecurePlace } from "./browser.ts";
import { publicEndpoint } from "./endpoint.ts";
import { acceptInvitation, invitedUser, linkInvalid, sessionsOf } from "./invitation.ts";
import { countAttempt, email, newPassword, openSession, signedIn, viewSignedIn } from "./sign-in.ts";

/** Attempts per address and rolling minute: generous, since a token cannot be guessed. */
const ATTEMPTS_PER_ADDRESS = 200;

export const claim = publicEndpoint({
  method: "POST",
  path: "/v1/auth/claim",
  tag: "Sign-in",
  operationId: "claimInstallation",
  errors: ["AUTH_FLOW_INVALID"],
  summary: "Set a password with a one-time link: of the first start, of a reset, or of an invitation",
  auditAction: "installation.claim",
  body: z.strictObject({ token: z.string().max(200), email, password: newPassword }).meta({
    examples: [
      { token: "from the link", email: "ada@example.com", password: "a sentence nobody else thinks of" },
    ],
  }),
  response: signedIn,
  async handle({ body, headers, address }, deps) {
    demandOwnOrigin(headers, deps.place);
    demandSecurePlace(headers, deps.place);
    countAttempt([{ scopeId: `claim ${address}`, limit: ATTEMPTS_PER_ADDRESS }], deps);
    const tokenHash = sha256Hex(body.token);
    // A token that opens nothing does not get to wait among those that may.
    const invited = await invitedUser(tokenHash, body.email, deps);
    if (invited) return acceptInvitation(tokenHash, invited, body.password, headers, deps);
    await demandOpen(tokenHash, deps);
    return deps.passwords.claim(() => claimWith(tokenHash, body, headers, deps));
  },
});

/** Throws ApiError AUTH_FLOW_INVALID for a token that is unknown, used or expired. */
async function demandOpen(tokenHash: string, { read, clock }: AdminDeps): Promise<void> {
  if (await isClaimOpen(read, tokenHash, clock.now())) return;
  throw linkInvalid();
}

async function claimWith(
  tokenHash: string,
  body: { readonly email: string; readonly password: string },
  headers: Headers,
  deps: PublicDeps,
): Promise<Reply<z.infer<typeof signedIn>>> {
  // Looked at again before the costly hash, decided by the commit: of a hundred who hold the link one is first.
  await demandOpen(tokenHash, deps);
  const passwordHash = await deps.passwords.hash(body.password);
  const now = deps.clock.now();
  const { user, writes } = await administrator(body.email, deps, now);
  const session = openSession(user.id, headers, deps);
  deps.attribute(user);
  await committed(
    deps.commit([
      useClaim(tokenHash, now),
      ...writes,
      putPassword(user.id, passwordHash, now),
      ...session.writes,
    ]),
    { stale: "AUTH_FLOW_INVALID", taken: "AUTH_FLOW_INVALID" },
  );
  return { kind: "data", data: viewSignedIn(user), headers: session.headers };
}

/**
 * The account of an address that a claim gives back: an administrator's, else one beside them, whether or not it has had
 * a password. Those that other tenants have made for the address stay what they are. Throws ApiError VALIDATION_ERROR
 * for the address of a service.
 */
async function formerAccount(
  address: string,
  { read, snapshot }: Pick<AdminDeps, "read" | "snapshot">,
): Promise<User | undefined> {
  const users = (await findPasswords(read, address)).flatMap(({ userId }) => snapshot.userById(userId) ?? []);
  const administrating = users.find((user) => isAdministrator(user, snapshot));
  if (administrating) return administrating;
  const beside = await findPerson(read, snapshot.homeTenantId(), address);
  if (beside?.kind === "service") {
    const message = "is the address of a service account of this installation: claim it with another one";
    throw new ApiError("VALIDATION_ERROR", undefined, { details: [{ field: "email", message }] });
  }
  return beside && snapshot.userById(beside.id);
}

function isAdministrator(user: User, snapshot: AdminDeps["snapshot"]): boolean {
  return snapshot.permissionsHeld(user).has("platform:manage");
}

/** The person behind an address as administrator: new, or one who lost their password or their role. */
async function administrator(
  address: string,
  deps: AdminDeps,
  now: number,
): Promise<{ readonly user: User; readonly writes: readonly Write[] }> {
  const former = await formerAccount(address, deps);
  if (!former) {
    const user: User = {
      id: newId("user", now),
      tenantId: deps.snapshot.homeTenantId(),
      email: address,
      displayName: address,
      kind: "human",
      status: "active",
      roles: ["super_admin"],
    };
    return { user, writes: createUser(user, now) };
  }
  const user: User = { ...former, status: "active", roles: ["super_admin"] };
  // Keys that somebody else made of a lesser account must not become an administrator's.
  const lesser = isAdministrator(former, deps.snapshot) ? [] : deps.snapshot.activeKeyIdsOf(former.id);
  return {
    user,
    writes: [
      ...restoreAdministrator(user.id, now),
      withdrawInvitation(user.id),
      ...sessionsOf(former.id, deps).flatMap((id) => endSession(id, now)),
      ...revokeKeys(lesser, { level: "platform" }, now),
    ],
  };
}
