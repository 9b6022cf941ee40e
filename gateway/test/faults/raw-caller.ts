import type { Socket } from "bun";

/** A caller over a bare connection, which can leave in every way there is. */
export class RawCaller {
  #received = "";
  #changed = Promise.withResolvers<void>();
  #closed = false;
  readonly #socket: Promise<Socket>;

  constructor(gatewayUrl: string) {
    this.#socket = Bun.connect({
      hostname: "127.0.0.1",
      port: Number(new URL(gatewayUrl).port),
      // Else the runtime closes the other half by itself.
      allowHalfOpen: true,
      socket: {
        data: (_socket, bytes) => {
          this.#received += bytes.toString("latin1");
          this.#wake();
        },
        end: (socket) => void socket.end(),
        close: () => this.#end(),
        error: () => this.#end(),
      },
    });
  }

  get received(): string {
    return this.#received;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends bytes, waiting until the other side has room for them; false when it has closed instead. */
  async send(data: string | Uint8Array): Promise<boolean> {
    const socket = await this.#socket;
    let rest = typeof data === "string" ? Buffer.from(data) : data;
    while (rest.byteLength > 0 && !this.#closed) {
      rest = rest.subarray(Math.max(0, socket.write(rest)));
      // The kernel's buffer is full: a look once a millisecond is soon enough.
      if (rest.byteLength > 0) await Bun.sleep(1);
    }
    socket.flush();
    return !this.#closed;
  }

  /** Resolves once the text has come so many times, or the connection is closed. Rejects after `timeoutMs`. */
  async until(text: string | RegExp, times = 1, timeoutMs = 10_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const timer = setTimeout(() => this.#wake(), timeoutMs);
    while (this.#received.split(text).length <= times && !this.#closed) {
      if (performance.now() >= deadline) throw new Error(`no ${times} × ${text} in ${this.#received}`);
      await this.#changed.promise;
    }
    clearTimeout(timer);
  }

  async leave(way: "close" | "reset" | "half-close"): Promise<void> {
    const socket = await this.#socket;
    if (way === "reset") socket.terminate();
    else if (way === "half-close") socket.shutdown(true);
    else socket.end();
  }

  #end(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

/** The bytes of one chat call at the native door, or at another path. */
export function chatRequest(
  key: string,
  body: string,
  headers: readonly string[] = [],
  path = "/v1/inference/chat",
): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    "Host: localhost",
    `Authorization: Bearer ${key}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}
