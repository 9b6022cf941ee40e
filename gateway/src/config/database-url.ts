import { z } from "zod";
import { type DatabaseAddress, TLS_MODES } from "../core/database-address.ts";

const MUST =
  "postgres://user:password@host:port/database, with no parameters but sslmode " +
  `(${TLS_MODES.join(", ")}) and sslrootcert (a file)`;
const DEFAULT_PORT = "5432";
const PARAMETERS = new Set(["sslmode", "sslrootcert"]);

/** Reads the address of a PostgreSQL database; undefined for what is not well-formed. */
function read(raw: string): DatabaseAddress | undefined {
  const url = URL.parse(raw);
  if (!url || !["postgres:", "postgresql:"].includes(url.protocol)) return undefined;
  const database = url.pathname.slice(1);
  if (url.hostname === "" || database === "" || database.includes("/") || url.hash !== "") return undefined;
  const names = [...url.searchParams.keys()];
  if (names.some((name) => !PARAMETERS.has(name)) || new Set(names).size < names.length) return undefined;
  const caFile = url.searchParams.get("sslrootcert") ?? undefined;
  // Whoever names an authority wants to be sure of the server.
  const wanted = url.searchParams.get("sslmode") ?? (caFile === undefined ? "prefer" : "verify-full");
  const tls = TLS_MODES.find((mode) => mode === wanted);
  if (tls === undefined || caFile === "") return undefined;
  const place = `${url.hostname}:${url.port || DEFAULT_PORT}/${decodeURIComponent(database)}`;
  url.search = "";
  return { url: url.href, place, tls, ...(caFile !== undefined && { caFile }) };
}

/** The address of a PostgreSQL database. */
export const databaseUrl: z.ZodType<DatabaseAddress, string> = z
  .string()
  .transform((raw, context): DatabaseAddress => {
    const address = read(raw);
    if (address !== undefined) return address;
    context.addIssue({ code: "custom", message: MUST });
    return z.NEVER;
  });
