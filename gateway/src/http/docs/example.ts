import { type JsonSchema, resolve } from "../openapi/json-schema.ts";
import type { Operation } from "../openapi/operations.ts";

/** The example that a body's schema declares. */
export function exampleOf(body: JsonSchema, named: ReadonlyMap<string, JsonSchema>): unknown {
  const { examples } = resolve(body, named);
  return Array.isArray(examples) ? examples[0] : undefined;
}

/** A call of the operation for a terminal. The key is expected in `SCAIGRID_API_KEY`. */
export function curlOf(
  operation: Operation,
  baseUrl: string,
  named: ReadonlyMap<string, JsonSchema>,
): string {
  const { method, path, access, body } = operation;
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}'${baseUrl}${path}'`];
  if (access !== "public") lines.push('-H "Authorization: Bearer $SCAIGRID_API_KEY"');
  const example = body && exampleOf(body, named);
  if (example !== undefined) {
    lines.push("-H 'Content-Type: application/json'");
    lines.push(`-d '${JSON.stringify(example).replaceAll("'", "'\\''")}'`);
  }
  return lines.join(" \\\n  ");
}
