import { ApiError } from "../errors.ts";

/** A name, IPv4 address or bracketed IPv6 address, with an optional port. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
/** Stands in where the runtime hands us a bare path: the host of a request never decides anything. */
const BASE = "http://invalid";

/** A path without escapes, dots, doubled slashes or anything else that could be spelled in another way. */
const PLAIN_PATH = /^(?:\/[\w-]+)+$/;

/** Where a request is aimed. */
export interface Target {
  /** As the URL standard normalises it, still percent-encoded. */
  readonly pathname: string;
  /** With its question mark, or empty. */
  readonly search: string;
}

/** Addresses remembered at once; a flood of new ones only makes it start anew. */
const KNOWN_MAX = 256;

/** Reads targets, and remembers the plain ones it has found valid: nearly every request names one of a few (2 µs). */
export class TargetReader {
  readonly #known = new Map<string, { readonly host: string; readonly target: Target }>();

  /** Throws what `targetOf` throws. */
  read(request: Request): Target {
    const known = this.#known.get(request.url);
    if (known !== undefined && known.host === request.headers.get("host")) return known.target;
    const target = targetOf(request);
    const host = request.headers.get("host");
    if (host !== null && target.search === "" && PLAIN_PATH.test(target.pathname)) {
      if (this.#known.size >= KNOWN_MAX) this.#known.clear();
      this.#known.set(request.url, { host, target });
    }
    return target;
  }
}

/**
 * The parsed target of a request. Throws ApiError VALIDATION_ERROR for what the runtime's parser lets through
 * but no honest client sends: a missing, doubled or malformed Host, or a target that is not a path.
 */
export function targetOf(request: Request): Target {
  const host = request.headers.get("host");
  if (host === null || !HOST.test(host)) {
    throw new ApiError("VALIDATION_ERROR", "The Host header is not valid.", {
      details: [{ field: "header.host", message: "must be one host name or address, with an optional port" }],
    });
  }
  // Nearly every request: nothing to normalise, so no URL object (3 µs) is made.
  const origin = `http://${host}`;
  const { url: address } = request;
  if (address.startsWith(origin)) {
    const pathname = address.slice(origin.length);
    if (PLAIN_PATH.test(pathname)) return { pathname, search: "" };
  }
  const url = URL.parse(address, BASE);
  if (!url || !sameHost(url, host)) {
    throw new ApiError("VALIDATION_ERROR", "The request target is not a path.", {
      details: [{ field: "target", message: "must be a path, not an absolute address" }],
    });
  }
  return { pathname: url.pathname, search: url.search };
}

/** The path of a request, however odd the rest of it is. */
export function pathOf(request: Request): string {
  return URL.parse(request.url, BASE)?.pathname ?? "";
}

/**
 * The runtime puts the Host header in front of every path, that of an absolute target included (its own host is
 * dropped); what names another host is the target of CONNECT.
 */
function sameHost(url: URL, host: string): boolean {
  if (url.host === "invalid") return true;
  return URL.parse(`${url.protocol}//${host}`)?.host === url.host;
}
