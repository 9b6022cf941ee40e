import { sql, type SqlBool } from "kysely";
import { optionalNumber } from "../rows.ts";
import type { Reader } from "../store.ts";
import { build, type Write } from "../write.ts";

/** How long a key means the same call. */
export const CLAIM_LIFE_MS = 86_400_000;

export interface NewClaim {
  readonly id: string;
  readonly bodyHash: string;
  readonly requestId: string;
  readonly nodeId: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Claims a key, unless somebody has within its life. Conflicts: `taken`. */
export function addClaim({ id, bodyHash, requestId, nodeId, at }: NewClaim): Write[] {
  const old = build
    .deleteFrom("idempotency_keys")
    .where("id", "=", id)
    .where("created_at", "<", BigInt(at - CLAIM_LIFE_MS));
  const claim = build.insertInto("idempotency_keys").values({
    id,
    body_hash: bodyHash,
    request_id: requestId,
    node_id: nodeId,
    created_at: BigInt(at),
    status: null,
    content_type: null,
    answer: null,
  });
  return [
    { statement: old, about: "idempotency_key" },
    { statement: claim, about: "idempotency_key" },
  ];
}

/** What came of a claimed call; `answer` is sealed, and absent where it is not kept. */
export interface Outcome {
  readonly status: number;
  readonly contentType?: string;
  readonly answer?: string;
}

/** The call has ended so. One that is not claimed any more stays so. */
export function endClaim(id: string, requestId: string, { status, contentType, answer }: Outcome): Write {
  const statement = build
    .updateTable("idempotency_keys")
    .set({ status: BigInt(status), content_type: contentType ?? null, answer: answer ?? null })
    .where("id", "=", id)
    .where("request_id", "=", requestId);
  return { statement, about: "idempotency_key" };
}

/** The key is free again. */
export function dropClaim(id: string, requestId: string): Write {
  const statement = build
    .deleteFrom("idempotency_keys")
    .where("id", "=", id)
    .where("request_id", "=", requestId);
  return { statement, about: "idempotency_key" };
}

/** By the key of usage, which follows from the id of the request: nothing finds it by the latter. */
const HAS_DELIVERED =
  "exists (select 1 from usage where usage.id = 'usage_' || substr(idempotency_keys.request_id, 5) and usage.delivered = 1)";

/**
 * What a process that has died leaves, once its requests are settled: a key whose call has delivered anything stays
 * claimed, without an answer; the others are free. Of one node where several share the store.
 */
export function settleClaims(nodeId?: string): Write[] {
  const ofNode = nodeId === undefined ? sql<SqlBool>`1 = 1` : sql<SqlBool>`node_id = ${nodeId}`;
  const ended = build
    .updateTable("idempotency_keys")
    .set({ status: 200n })
    .where("status", "is", null)
    .where(ofNode)
    .where(sql.raw<SqlBool>(HAS_DELIVERED));
  const free = build.deleteFrom("idempotency_keys").where("status", "is", null).where(ofNode);
  return [
    { statement: ended, about: "idempotency_key" },
    { statement: free, about: "idempotency_key" },
  ];
}

/** The same for one node of several: $1 is its id. */
export const SETTLE_CLAIMS_OF_NODE =
  `with ended as (update idempotency_keys set status = 200 where node_id = $1 and status is null and ${HAS_DELIVERED}) ` +
  `delete from idempotency_keys where node_id = $1 and status is null and not ${HAS_DELIVERED}`;

/** Deletes claims whose time is over, at most `limit`. */
export function dropOldClaims(beforeMs: number, limit: number): Write {
  const old = build
    .selectFrom("idempotency_keys")
    .select("id")
    .where("created_at", "<", BigInt(beforeMs))
    .orderBy("created_at")
    .limit(limit);
  return { statement: build.deleteFrom("idempotency_keys").where("id", "in", old), about: "idempotency_key" };
}

/** Whether there are any. */
export async function hasOldClaims(read: Reader, beforeMs: number): Promise<boolean> {
  const row = await read
    .selectFrom("idempotency_keys")
    .select("id")
    .where("created_at", "<", BigInt(beforeMs))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** A claim as it lies in the store. */
export interface StoredClaim {
  readonly bodyHash: string;
  readonly requestId: string;
  readonly status: number | null;
  readonly contentType: string | null;
  readonly answer: string | null;
}

export async function findClaim(read: Reader, id: string): Promise<StoredClaim | undefined> {
  const row = await read.selectFrom("idempotency_keys").selectAll().where("id", "=", id).executeTakeFirst();
  return (
    row && {
      bodyHash: row.body_hash,
      requestId: row.request_id,
      status: optionalNumber(row.status),
      contentType: row.content_type,
      answer: row.answer,
    }
  );
}
