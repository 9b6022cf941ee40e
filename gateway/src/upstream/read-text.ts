import type { UpstreamReply } from "./upstream.ts";

/**
 * The whole body as text; the transport bounds its size. Bytes that are not UTF-8 become U+FFFD. Throws what
 * `read` throws. The reply is closed by whoever called `send`.
 */
export async function readText(reply: UpstreamReply): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const piece = await reply.read();
    if (piece === undefined) return text + decoder.decode();
    text += decoder.decode(piece, { stream: true });
  }
}
