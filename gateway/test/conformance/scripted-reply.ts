import type { UpstreamReply } from "../../src/upstream/upstream.ts";

/** The bytes of an upstream's stream all at once, the way the transport hands them over. */
export function scriptedReply(bytes: Uint8Array): UpstreamReply {
  const pieces = [bytes];
  return {
    status: 200,
    headers: {},
    read: () => Promise.resolve(pieces.shift()),
    readText: () => Promise.reject(new Error("a stream is read piece by piece")),
    contentSeen: () => undefined,
    close: () => undefined,
  };
}
