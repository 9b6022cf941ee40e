import type { z } from "zod";
import type { Reply } from "../../core/endpoint.ts";
import type { User } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { invitedUserId } from "../../store/sign-in/reader.ts";
import { endSession, openInvitation, putPassword, useInvitation } from "../../store/sign-in/writer.ts";
import type { Write } from "../../store/write.ts";
import type { AdminDeps, PublicDeps } from "../deps.ts";
import { isoTime } from "../fields.ts";
import { committed } from "../refusals.ts";
import { claimLink } from "./create-claim.ts";
import { freshToken, openSession, type signedIn, viewSignedIn } from "./sign-in.ts";

const INVITATION_MS = 7 * 86_400_000;

/** What whoever invites is given to hand on: shown once. */
export interface Invitation {
  readonly link: string;
  readonly expires_at: string;
}

/** A new invitation of a person: what to commit, and the link. A former one stops working. */
export function invite(
  userId: string,
  { clock, place }: Pick<AdminDeps, "clock" | "place">,
): { readonly writes: Write[]; readonly invitation: Invitation } {
  const now = clock.now();
  const { token, hash } = freshToken();
  const expiresAt = now + INVITATION_MS;
  return {
    writes: openInvitation(userId, hash, expiresAt, now),
    // The console greets somebody who was invited in other words than the first administrator.
    invitation: {
      link: `${claimLink(place.publicUrl(), token)}&kind=invitation`,
      expires_at: isoTime(expiresAt),
    },
  };
}

/** The one refusal of a link, whatever is wrong with it. */
export function linkInvalid(): ApiError {
  return new ApiError("AUTH_FLOW_INVALID", "This link is unknown, used, expired, or of another address.", {
    hint: "Sign in if you have used it before; otherwise ask an administrator for a new invitation, or run `npx scaigrid admin reset` on the installation's machine.",
  });
}

/**
 * Whom a token invites; undefined where it is no invitation. Throws ApiError AUTH_FLOW_INVALID for one of another
 * address, or of somebody who may not act.
 */
export async function invitedUser(
  tokenHash: string,
  email: string,
  { read, clock, snapshot }: Pick<AdminDeps, "read" | "clock" | "snapshot">,
): Promise<User | undefined> {
  const userId = await invitedUserId(read, tokenHash, clock.now());
  if (userId === undefined) return undefined;
  const user = snapshot.userById(userId);
  if (user?.status !== "active" || user.email !== email) throw linkInvalid();
  return user;
}

/** Sets the password of an invited person, ends what was open in their name, and signs them in. */
export async function acceptInvitation(
  tokenHash: string,
  user: User,
  password: string,
  headers: Headers,
  deps: PublicDeps,
): Promise<Reply<z.infer<typeof signedIn>>> {
  const passwordHash = await deps.passwords.hash(password);
  const now = deps.clock.now();
  const session = openSession(user.id, headers, deps);
  deps.attribute(user);
  await committed(
    deps.commit([
      useInvitation(tokenHash, now),
      ...sessionsOf(user.id, deps).flatMap((id) => endSession(id, now)),
      putPassword(user.id, passwordHash, now),
      ...session.writes,
    ]),
    { stale: "AUTH_FLOW_INVALID" },
  );
  return { kind: "data", data: viewSignedIn(user), headers: session.headers };
}

/** The open sessions of a user, by id. */
export function sessionsOf(userId: string, { snapshot }: Pick<AdminDeps, "snapshot">): string[] {
  const ids: string[] = [];
  for (const session of snapshot.sessions()) if (session.userId === userId) ids.push(session.id);
  return ids;
}
