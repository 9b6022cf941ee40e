import type { Session } from "../../core/tenancy.ts";
import { changed } from "../changes/writer.ts";
import { build, type Write } from "../write.ts";

/** Sets a person's password, the first or another. Conflicts: `missing_parent`. */
export function putPassword(userId: string, hash: string, atMs: number): Write {
  const values = { user_id: userId, hash, updated_at: BigInt(atMs) };
  const statement = build
    .insertInto("passwords")
    .values(values)
    .onConflict((conflict) =>
      conflict.column("user_id").doUpdateSet({ hash, updated_at: values.updated_at }),
    );
  return { statement, about: "password" };
}

/** Opens a session. Conflicts: `missing_parent` (the user). */
export function createSession(session: Session, atMs: number): Write[] {
  const statement = build.insertInto("sessions").values({
    id: session.id,
    user_id: session.userId,
    token_hash: session.tokenHash,
    created_at: BigInt(session.createdAt),
    last_seen_at: BigInt(session.lastSeenAt),
    user_agent: session.userAgent ?? null,
  });
  return [changed("session", session.id, atMs), { statement, about: "session" }];
}

/** Ends a session; one that has ended already is no conflict. */
export function endSession(id: string, atMs: number): Write[] {
  const statement = build.deleteFrom("sessions").where("id", "=", id);
  return [changed("session", id, atMs), { statement, about: "session" }];
}

/** Notes that a session is in use, unless another node knows of a later use. No entry in the change log. */
export function touchSession(id: string, seenAt: number): Write {
  const statement = build
    .updateTable("sessions")
    .set({ last_seen_at: BigInt(seenAt) })
    .where("id", "=", id)
    .where("last_seen_at", "<", BigInt(seenAt));
  return { statement, about: "session" };
}

/** When the newest claim was opened: one row, so that of nodes that open one at the same time one is the first. */
const CLAIM_OPENED_AT = "claim_opened_at";

const LATEST_MS = 999_999_999_999_999;

/** Epoch milliseconds as text that sorts as the number does. */
function sortable(atMs: number): string {
  return String(atMs).padStart(15, "0");
}

/**
 * Opens a claim, in place of every other: only the newest link works. With `unlessSinceMs`, not if one was opened
 * later than that. Conflicts: `taken`.
 */
export function openClaim(
  tokenHash: string,
  expiresAt: number,
  atMs: number,
  unlessSinceMs = LATEST_MS,
): Write[] {
  const former = build.insertInto("settings").values({ key: CLAIM_OPENED_AT, value: sortable(0) });
  const opened = build
    .updateTable("settings")
    .set({ value: sortable(atMs) })
    .where("key", "=", CLAIM_OPENED_AT)
    .where("value", "<=", sortable(unlessSinceMs));
  const values = { token_hash: tokenHash, created_at: BigInt(atMs), expires_at: BigInt(expiresAt) };
  return [
    { statement: former.onConflict((conflict) => conflict.doNothing()), about: "setting" },
    { statement: opened, about: "setting", expectRows: 1, otherwise: "taken" },
    { statement: build.deleteFrom("claims"), about: "claim" },
    { statement: build.insertInto("claims").values(values), about: "claim" },
  ];
}

/** Uses a claim up: of any number of commits with the same token one succeeds. Conflicts: `stale`. */
export function useClaim(tokenHash: string, nowMs: number): Write {
  const statement = build
    .deleteFrom("claims")
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", BigInt(nowMs));
  return { statement, about: "claim", expectRows: 1, otherwise: "stale" };
}

/** Opens an invitation of a person, in place of a former one. Conflicts: `missing_parent`. */
export function openInvitation(userId: string, tokenHash: string, expiresAt: number, atMs: number): Write[] {
  const values = {
    user_id: userId,
    token_hash: tokenHash,
    created_at: BigInt(atMs),
    expires_at: BigInt(expiresAt),
  };
  return [
    withdrawInvitation(userId),
    { statement: build.insertInto("invitations").values(values), about: "invitation" },
  ];
}

/** Uses an invitation up: of any number of commits with the same token one succeeds. Conflicts: `stale`. */
export function useInvitation(tokenHash: string, nowMs: number): Write {
  const statement = build
    .deleteFrom("invitations")
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", BigInt(nowMs));
  return { statement, about: "invitation", expectRows: 1, otherwise: "stale" };
}

/** Takes back the invitation of a person who has set a password in another way; where there is none, nothing. */
export function withdrawInvitation(userId: string): Write {
  return { statement: build.deleteFrom("invitations").where("user_id", "=", userId), about: "invitation" };
}
