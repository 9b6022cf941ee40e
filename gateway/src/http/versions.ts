import { sha256Hex } from "../base/crypto.ts";
import type { CallContext, Endpoint, Reply } from "../core/endpoint.ts";
import { ApiError } from "../errors.ts";

/** Hexadecimal digits of a version: 128 bits. */
const VERSION_CHARS = 32;

/**
 * The version of what an endpoint has answered, as `ETag` tells it (RFC 9110, 8.8.3); undefined where the endpoint
 * gives none. Two answers with the same content have the same version.
 */
export function versionOf<Deps>(endpoint: Endpoint<Deps>, reply: Reply<unknown>): string | undefined {
  const read = endpoint.method === "GET" ? endpoint : endpoint.changes;
  // A change answers with what it has made of the thing, in the form in which it is read.
  if (read?.version === undefined || reply.kind !== "data" || endpoint.response !== read.response)
    return undefined;
  return tagOf(reply.data, read.version.except);
}

function tagOf(data: unknown, except: readonly string[]): string {
  const text = JSON.stringify(data, (key, value: unknown) => (except.includes(key) ? undefined : value));
  return `"${sha256Hex(text).slice(0, VERSION_CHARS)}"`;
}

/** Keeps what a change is made to as it is: from the call on, the commit is refused if it has changed. */
export type Hold = () => Promise<void>;

/**
 * Refuses a change that was made to a version which is no longer the present one: `If-Match` (RFC 9110, 13.1.1).
 * Throws ApiError CONFLICT; VALIDATION_ERROR where versions are not told; whatever reading the thing throws.
 */
export async function demandVersion<Deps>(
  endpoint: Endpoint<Deps>,
  context: CallContext<unknown, unknown, unknown>,
  deps: Deps,
  hold: Hold | undefined,
): Promise<void> {
  const asked = context.headers.get("if-match");
  if (asked === null || endpoint.method === "GET") return;
  const { changes } = endpoint;
  if (changes?.version === undefined) {
    throw new ApiError("VALIDATION_ERROR", undefined, {
      details: [{ field: "header.if-match", message: "is not supported by this call; leave it out" }],
    });
  }
  await hold?.();
  const reply = await changes.handle({ ...context, query: {}, body: undefined }, deps);
  const present = versionOf(changes, reply);
  if (asked.trim() === "*" || present === undefined) return;
  // A proxy that compresses answers may have marked the tag as weak.
  const versions = asked.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (versions.includes(present)) return;
  throw changedMeanwhile(present);
}

/** The refusal of a change to something that somebody else has changed since it was read. */
function changedMeanwhile(present: string): ApiError {
  return new ApiError("CONFLICT", "This object has changed since you read it.", {
    hint: "Read it again, make your change to what you find, and send its ETag as If-Match.",
    headers: { etag: present },
  });
}
