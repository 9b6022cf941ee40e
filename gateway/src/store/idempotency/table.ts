/** One key of one caller for one address: the claim of the call that came first. */
export interface IdempotencyKeysTable {
  /** SHA-256 of user, method, path and key, hex. */
  id: string;
  /** SHA-256 of the body, hex. */
  body_hash: string;
  request_id: string;
  /** The node that serves it. */
  node_id: string;
  created_at: bigint;
  /** Null while the call is in flight. */
  status: bigint | null;
  content_type: string | null;
  /** Sealed text, bound to the row's id; null where it is not kept. */
  answer: string | null;
}
