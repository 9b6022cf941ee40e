import type { DatabaseAddress } from "../../core/database-address.ts";
import { errorField, StoreUnavailable } from "../errors.ts";

/** The database that was named cannot serve: the message says why and what to do, and never holds the password. */
export class DatabaseUnusable extends Error {
  constructor(place: string, problem: string, fix: string, cause?: unknown) {
    super(`PostgreSQL at ${place} ${problem}: ${fix}`, { cause });
    this.name = "DatabaseUnusable";
  }
}

/** `[problem, what to do]` by SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const BY_STATE: Readonly<Record<string, readonly [string, string]>> = {
  "28P01": ["refuses the password", "correct the user name or the password in SCAIGRID_DATABASE_URL"],
  "28000": [
    "refuses the user",
    "create the role, or allow it to connect from here (pg_hba.conf), or correct SCAIGRID_DATABASE_URL",
  ],
  "3D000": ["has no such database", "create it (createdb), or correct SCAIGRID_DATABASE_URL"],
  "42501": [
    "does not let this user create tables",
    "make it the owner of the database, or grant CREATE on its schema, or run `SCAIGRID_MODE=migrate` as another user",
  ],
  "53300": ["has no connection left", "raise its max_connections, or lower SCAIGRID_DATABASE_POOL_SIZE"],
  "55P03": [
    "is being used by others in a way that keeps the schema from being upgraded",
    "end long transactions, or start again in a quieter moment; nothing was changed",
  ],
  "57P03": ["is starting or shutting down", "start the gateway again once the server is ready"],
  "25006": ["takes reads only", "name the primary server in SCAIGRID_DATABASE_URL"],
};

/** `[problem, what to do]` by what the client itself has met. */
const BY_CODE: Readonly<Record<string, readonly [string, string]>> = {
  ERR_POSTGRES_TLS_NOT_AVAILABLE: [
    "offers no TLS",
    "turn it on at the server, or lower sslmode in SCAIGRID_DATABASE_URL",
  ],
};

const POOLER_FIX =
  "start the server, or set SCAIGRID_DATABASE_POOLER=on where a pooler stands before it; nothing was changed";
const REACH_FIX =
  "start the server, open the way to it, or correct host and port in SCAIGRID_DATABASE_URL; nothing was changed";

/** Turns what went wrong at the start into words for the operator; undefined for what is not the database's fault. */
export function unusable(error: unknown, { place }: DatabaseAddress): DatabaseUnusable | undefined {
  for (const each of causes(error)) {
    const state = errorField(each, "errno");
    const code = errorField(each, "code") ?? "";
    const said = BY_STATE[state ?? ""] ?? BY_CODE[code];
    if (said !== undefined) return new DatabaseUnusable(place, said[0], said[1], error);
    if (isCertificate(code)) {
      const fix = "name the authority with sslrootcert, or correct the host in SCAIGRID_DATABASE_URL";
      return new DatabaseUnusable(place, `shows a certificate that is not trusted (${code})`, fix, error);
    }
    if (code.startsWith("ERR_POSTGRES_") && state === undefined) {
      return new DatabaseUnusable(place, `cannot be reached (${code})`, REACH_FIX, error);
    }
  }
  return error instanceof StoreUnavailable
    ? new DatabaseUnusable(place, "does not answer", POOLER_FIX, error)
    : undefined;
}

function isCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
}

/** An error and what it was caused by, the innermost first. */
function causes(error: unknown): unknown[] {
  const found: unknown[] = [];
  for (let each = error; each instanceof Error && found.length < 5; each = each.cause) found.unshift(each);
  return found;
}
