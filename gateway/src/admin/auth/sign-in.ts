import { z } from "zod";
import { randomBase62, sha256Hex } from "../../base/crypto.ts";
import { newId } from "../../base/ids.ts";
import type { Session, User } from "../../core/tenancy.ts";
import { ApiError } from "../../errors.ts";
import { createSession } from "../../store/sign-in/writer.ts";
import type { Write } from "../../store/write.ts";
import type { AdminDeps } from "../deps.ts";
import { sessionCookie } from "./browser.ts";

/** Base62 characters: 256 bits. */
const TOKEN_CHARS = 43;
const USER_AGENT_CHARS = 256;
const PASSWORD_CHARS_MIN = 15;
const PASSWORD_CHARS_MAX = 1_024;

export const email = z
  .string("must be a text")
  .trim()
  .toLowerCase()
  .max(254, "must have at most 254 characters")
  .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, "must be an e-mail address");

/** A password somebody chooses: long, and otherwise whatever they like. */
export const newPassword = z
  .string("must be a text")
  .min(PASSWORD_CHARS_MIN, `must have at least ${PASSWORD_CHARS_MIN} characters; a sentence is fine`)
  .max(PASSWORD_CHARS_MAX, `must have at most ${PASSWORD_CHARS_MAX} characters`);

/** A password somebody shows. */
export const shownPassword = z.string("must be a text").max(PASSWORD_CHARS_MAX);

export const signedIn = z
  .strictObject({
    user: z.strictObject({ id: z.string(), email: z.string().optional(), display_name: z.string() }),
  })
  .meta({ id: "SignedIn" });

/** A fresh secret for a cookie or a link, and what is stored of it. */
export function freshToken(): { readonly token: string; readonly hash: string } {
  const token = randomBase62(TOKEN_CHARS);
  return { token, hash: sha256Hex(token) };
}

/** A new session of a person: what to commit, and the headers that give it to the browser. */
export function openSession(
  userId: string,
  headers: Headers,
  deps: Pick<AdminDeps, "place" | "clock">,
): { readonly writes: Write[]; readonly headers: Readonly<Record<string, string>> } {
  const now = deps.clock.now();
  const { token, hash } = freshToken();
  const userAgent = headers.get("user-agent");
  const session: Session = {
    id: newId("sess", now),
    userId,
    tokenHash: hash,
    createdAt: now,
    lastSeenAt: now,
    ...(userAgent !== null && { userAgent: userAgent.slice(0, USER_AGENT_CHARS) }),
  };
  return {
    writes: createSession(session, now),
    headers: { "set-cookie": sessionCookie(token, headers, deps.place) },
  };
}

/** Tells a person who they are now signed in as. */
export function viewSignedIn({ id, email: address, displayName }: User): z.infer<typeof signedIn> {
  return { user: { id, ...(address !== undefined && { email: address }), display_name: displayName } };
}

/** Counts an attempt to sign in. Throws ApiError RATE_LIMITED beyond what a person ever needs. */
export function countAttempt(
  scopes: readonly { readonly scopeId: string; readonly limit: number }[],
  deps: Pick<AdminDeps, "attempts" | "clock">,
): void {
  const levels = scopes.map((scope) => ({ level: "address" as const, ...scope }));
  const verdict = deps.attempts.admit(levels, deps.clock.monotonic(), deps.clock.now());
  if (verdict.refused === undefined) return;
  throw new ApiError("RATE_LIMITED", "Too many attempts to sign in.", {
    retryAfterSeconds: verdict.retryAfterSeconds,
    hint: "Wait a little, then try again.",
  });
}
