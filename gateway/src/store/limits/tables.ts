/** A limit that runs hot, and how the nodes share it out. */
export interface LimitSharesTable {
  /** Kind of the limit and id of the scope: `requests:key_…`. */
  id: string;
  /** Rises with every change. */
  version: bigint;
  /** JSON: the limit, and of each node what it has and what it needs. */
  body: string;
}
