import type { Backend, Provider } from "../core/catalogue.ts";
import { FaultError } from "../core/fault.ts";
import type { Upstream, UpstreamReply } from "./upstream.ts";

/** Of one image, and how long its server may take for all of it. */
export const IMAGE_BYTES_MAX = 10_000_000;
export const IMAGE_TIMEOUT_MS = 10_000;
const CONNECT_MS = 5_000;

/** An image as formats want it that take bytes alone. */
export interface FetchedImage {
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/** Beginnings by which images are known: whatever a server calls them, this is what they are. */
const SIGNATURES: readonly (readonly [mimeType: string, at: number, bytes: string])[] = [
  ["image/png", 0, "\u0089PNG\r\n\u001a\n"],
  ["image/jpeg", 0, "\u00ff\u00d8\u00ff"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
];

/**
 * Fetches one image: through the egress guard, within deadline and cap, without following redirects. `taken` hears of
 * the bytes as they come, and may throw. Throws FaultError whose reason is for the caller, and the reason of an abort.
 */
export async function fetchImage(
  upstream: Upstream,
  url: URL,
  controller: AbortController,
  taken: (bytes: number) => void,
  timeoutMs = IMAGE_TIMEOUT_MS,
): Promise<FetchedImage> {
  const reply = await upstream.send({
    requestId: "image",
    provider: serverOf(url),
    backend: within(timeoutMs),
    credentials: {},
    method: "GET",
    path: url.pathname.endsWith("/") ? "/" : "",
    // Deadlines as for a stream: what has come does not prolong them.
    stream: true,
    streamType: "image/*",
    firstContentMs: timeoutMs,
    controller,
  });
  try {
    if (reply.status !== 200) {
      const more = reply.status >= 300 && reply.status < 400 ? ", and redirects are not followed" : "";
      throw refused(`its server answers ${reply.status}${more}`);
    }
    const bytes = await bytesOf(reply, taken);
    const mimeType = typeOf(bytes);
    if (mimeType === undefined) throw refused("it is no PNG, JPEG, GIF or WebP image");
    return { mimeType, bytes };
  } finally {
    reply.close();
  }
}

async function bytesOf(reply: UpstreamReply, taken: (bytes: number) => void): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for (let piece = await reply.read(); piece !== undefined; piece = await reply.read()) {
    size += piece.byteLength;
    if (size > IMAGE_BYTES_MAX) throw refused("it is larger than 10 MB");
    taken(piece.byteLength);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function refused(reason: string): FaultError {
  return new FaultError({ class: "bad_request", reason });
}

function typeOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  return SIGNATURES.find(([, at, signature]) => head.startsWith(signature, at))?.[0];
}

/** A place without credentials: nothing of ours is shown to it. */
function serverOf(url: URL): Provider {
  return { id: "image", type: "custom", name: "image", baseUrl: url.href, status: "active", createdAt: 0 };
}

/** Deadlines come with a backend; an image belongs to none. */
function within(timeoutMs: number): Backend {
  return {
    id: "image",
    providerId: "image",
    uri: "image",
    upstreamModel: "",
    dialect: "openai-chat",
    capabilities: [],
    timeouts: {
      connect: Math.min(CONNECT_MS, timeoutMs),
      first_byte: timeoutMs,
      idle: timeoutMs,
      total: timeoutMs,
    },
    free: true,
    status: "active",
    createdAt: 0,
  };
}
