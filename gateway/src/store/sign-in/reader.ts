import type { Session, User } from "../../core/tenancy.ts";
import { allPages, PAGE_ROWS } from "../paging.ts";
import { present } from "../rows.ts";
import type { SessionsTable } from "../identity-schema.ts";
import type { Reader } from "../store.ts";

function toSession(row: SessionsTable): Session {
  return {
    id: row.id,
    userId: row.user_id,
    tokenHash: row.token_hash,
    createdAt: Number(row.created_at),
    lastSeenAt: Number(row.last_seen_at),
    ...present({ userAgent: row.user_agent }),
  };
}

export async function loadSessions(read: Reader): Promise<Session[]> {
  const query = read.selectFrom("sessions").selectAll().orderBy("id").limit(PAGE_ROWS);
  return allPages((after) => query.where("id", ">", after).execute(), toSession);
}

export async function loadSession(read: Reader, id: string): Promise<Session | undefined> {
  const row = await read.selectFrom("sessions").selectAll().where("id", "=", id).executeTakeFirst();
  return row && toSession(row);
}

/** A person's user and password hash. */
export interface StoredPassword {
  readonly userId: string;
  readonly hash: string;
}

/** Accounts of one address that sign-in tries: the same person may be in several tenants. */
export const ACCOUNTS_MAX = 3;

/** Who signs in with an e-mail address (lower case): those who may act first, and of these the oldest first. */
export async function findPasswords(read: Reader, email: string): Promise<StoredPassword[]> {
  const rows = await read
    .selectFrom("users")
    .innerJoin("passwords", "passwords.user_id", "users.id")
    .innerJoin("tenants", "tenants.id", "users.tenant_id")
    .innerJoin("partners", "partners.id", "tenants.partner_id")
    .select(["users.id", "passwords.hash"])
    .where("users.email", "=", email)
    // `active` comes before `suspended` in the order of letters.
    .orderBy("users.status")
    .orderBy("tenants.status")
    .orderBy("partners.status")
    .orderBy("users.id")
    .limit(ACCOUNTS_MAX)
    .execute();
  return rows.map(({ id, hash }) => ({ userId: id, hash }));
}

/** The people of a tenant with an e-mail address, whether or not they have a password yet. */
export async function findPerson(
  read: Reader,
  tenantId: string,
  email: string,
): Promise<{ readonly id: string; readonly kind: User["kind"] } | undefined> {
  return read
    .selectFrom("users")
    .select(["id", "kind"])
    .where("tenant_id", "=", tenantId)
    .where("email", "=", email)
    .executeTakeFirst();
}

/** The password of one user; undefined where there is none. */
export async function passwordOf(read: Reader, userId: string): Promise<string | undefined> {
  const row = await read
    .selectFrom("passwords")
    .select("hash")
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row?.hash;
}

/** Whose invitation a token is, if it is open at `nowMs`. */
export async function invitedUserId(
  read: Reader,
  tokenHash: string,
  nowMs: number,
): Promise<string | undefined> {
  const row = await read
    .selectFrom("invitations")
    .select("user_id")
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", BigInt(nowMs))
    .executeTakeFirst();
  return row?.user_id;
}

/** Whether any person can sign in. */
export async function hasPeople(read: Reader): Promise<boolean> {
  return (await read.selectFrom("passwords").select("user_id").limit(1).executeTakeFirst()) !== undefined;
}

/** Whether a claim is open at `nowMs`. */
export async function isClaimOpen(read: Reader, tokenHash: string, nowMs: number): Promise<boolean> {
  const row = await read
    .selectFrom("claims")
    .select("token_hash")
    .where("token_hash", "=", tokenHash)
    .where("expires_at", ">", BigInt(nowMs))
    .executeTakeFirst();
  return row !== undefined;
}
