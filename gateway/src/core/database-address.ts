/** How a connection is protected; the words of PostgreSQL's own clients. */
export const TLS_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
export type TlsMode = (typeof TLS_MODES)[number];

/** Where a PostgreSQL database is. */
export interface DatabaseAddress {
  /** `postgres://user:password@host:port/database` without parameters: holds the password, never to be shown. */
  readonly url: string;
  /** `host:port/database`, for messages. */
  readonly place: string;
  readonly tls: TlsMode;
  /** File of the authority that signed the server's certificate. */
  readonly caFile?: string;
}
