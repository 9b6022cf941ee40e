import type { z } from "zod";
import type { EndpointDocs } from "../../src/core/endpoint.ts";

/** What the contract check needs of one row of the endpoint table. */
export interface DeclaredEndpoint extends Pick<EndpointDocs, "method" | "path"> {
  /** Of `data`, or of one item of `data.items` when `list` is true; undefined where the table says nothing. */
  readonly response?: z.ZodType;
  readonly list?: boolean;
  /** Of the request: what these refuse must not be answered with a success. */
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  /** Of one data event of a stream. */
  readonly event?: z.ZodType;
}

/**
 * The row that serves a call: the one with the fewest parameters among those whose path fits. Its own matcher, so
 * that a fault of the gateway's router cannot hide here.
 */
export function findDeclared<Row extends DeclaredEndpoint>(
  rows: readonly Row[],
  method: string,
  path: string,
): Row | undefined {
  const pathname = path.split("?", 1)[0] ?? "";
  const fitting = rows.filter((row) => row.method === method && pattern(row.path).test(pathname));
  const parameters = (row: Row) => row.path.split("{").length + (row.path.includes("...}") ? 0.5 : 0);
  return fitting.toSorted((a, b) => parameters(a) - parameters(b))[0];
}

function pattern(path: string): RegExp {
  const parts = path.split(/(\{[^}]+\})/).map((part) => {
    if (!part.startsWith("{")) return RegExp.escape(part);
    return part.endsWith("...}") ? ".+" : "[^/]+";
  });
  return new RegExp(`^${parts.join("")}$`);
}
