import { pick } from "../harness/json.ts";

/** An answer read off the wire, bytes as they came. */
export interface RawReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed when the answer is JSON, otherwise undefined. */
  readonly body: unknown;
  /** The error code of the body, where there is one. */
  readonly code: unknown;
}

const TIMEOUT_MS = 5_000;

/**
 * Sends bytes that no HTTP client would send and reads one answer. Throws when none has come within 5 s or before
 * the connection closes.
 */
export async function sendRaw(gatewayUrl: string, request: string): Promise<RawReply> {
  const { promise, resolve, reject } = Promise.withResolvers<RawReply>();
  let received = Buffer.alloc(0);
  const timer = setTimeout(
    () => reject(new Error(`no answer; received: ${received.toString()}`)),
    TIMEOUT_MS,
  );
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(gatewayUrl).port),
    socket: {
      data(_socket, bytes) {
        received = Buffer.concat([received, bytes]);
        const reply = readReply(received.toString("latin1"), false);
        if (reply) resolve(reply);
      },
      close() {
        const reply = readReply(received.toString("latin1"), true);
        if (reply) resolve(reply);
        else reject(new Error(`closed without a whole answer; received: ${received.toString()}`));
      },
    },
  });
  try {
    socket.write(request);
    socket.flush();
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.end();
  }
}

function readReply(text: string, ended: boolean): RawReply | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [statusLine = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const headers = new Headers();
  for (const line of lines)
    headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim());
  const payload = Buffer.from(text.slice(headEnd + 4), "latin1");
  const length = headers.get("content-length");
  if (!ended && (length === null || payload.length < Number(length))) return undefined;
  const body = headers.get("content-type")?.startsWith("application/json")
    ? parse(payload.toString())
    : undefined;
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    text: payload.toString(),
    body,
    code: pick(body, "error.code"),
  };
}

function parse(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}
