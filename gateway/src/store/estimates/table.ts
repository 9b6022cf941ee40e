/** What has been seen of a backend's tokenizer. */
export interface TokenRatiosTable {
  /** The backend's. */
  id: string;
  /** JSON: `BackendSeen` without the backend. */
  seen: string;
}
