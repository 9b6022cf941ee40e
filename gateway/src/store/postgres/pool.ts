import { SQL } from "bun";
import type { DatabaseAddress } from "../../core/database-address.ts";

/** Seconds until a connection that is being opened is given up. */
const CONNECT_SECONDS = 5;

/** What the server is told when a connection opens. Behind a pooler nothing can be: it shares connections. */
export type ServerSettings = Readonly<Record<string, number>>;

export interface PoolOptions {
  readonly address: DatabaseAddress;
  readonly size: number;
  /** Whether a pooler stands between that gives out connections for one transaction each. */
  readonly pooler: boolean;
  readonly settings: ServerSettings;
}

/** Connections, opened as they are needed and opened again after an outage. */
export function openPool({ address, size, pooler, settings }: PoolOptions): SQL {
  const { url, tls, caFile } = address;
  return new SQL(url, {
    bigint: true,
    max: size,
    connectionTimeout: CONNECT_SECONDS,
    // A statement prepared on one server connection is unknown on the next.
    prepare: !pooler,
    connection: { application_name: "scaigrid", ...(!pooler && settings) },
    tls: caFile === undefined ? tls : { caFile, ...(tls === "verify-ca" && ignoreName) },
  });
}

/** `verify-ca` asks who signed the certificate, not whose name it bears. */
const ignoreName = { checkServerIdentity: () => undefined };
