import { INFERENCE, MANAGEMENT, PUBLIC, SYSTEM } from "../../src/http/endpoints.ts";
import type { DeclaredEndpoint } from "../../src/http/openapi/declared.ts";

/** Every endpoint there is. */
export const DECLARED: readonly DeclaredEndpoint[] = [...MANAGEMENT, ...PUBLIC, ...INFERENCE, ...SYSTEM];

/**
 * The row that serves a call: the one with the fewest parameters among those whose path fits. Its own matcher, so
 * that a fault of the gateway's router cannot hide here.
 */
export function findDeclared<Row extends Pick<DeclaredEndpoint, "method" | "path">>(
  rows: readonly Row[],
  method: string,
  path: string,
): Row | undefined {
  const pathname = path.split("?", 1)[0] ?? "";
  const fitting = rows.filter((row) => row.method === method && pattern(row.path).test(pathname));
  const parameters = (row: Row) => row.path.split("{").length + (row.path.includes("...}") ? 0.5 : 0);
  return fitting.toSorted((a, b) => parameters(a) - parameters(b))[0];
}

/** Of the paths met so far: making one takes longer than asking all of them, and each call of each test asks. */
const PATTERNS = new Map<string, RegExp>();

function pattern(path: string): RegExp {
  const known = PATTERNS.get(path);
  if (known !== undefined) return known;
  const parts = path.split(/(\{[^}]+\})/).map((part) => {
    if (!part.startsWith("{")) return RegExp.escape(part);
    return part.endsWith("...}") ? ".+" : "[^/]+";
  });
  const made = new RegExp(`^${parts.join("")}$`);
  PATTERNS.set(path, made);
  return made;
}
