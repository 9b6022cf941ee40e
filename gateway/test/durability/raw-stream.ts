import type { Socket } from "bun";
import { pick } from "../harness/json.ts";

const TOKEN_CHARS = 4;

/** Told of everything that happens on a stream. */
export interface StreamListener {
  /** The `count`-th content token has come. */
  token(count: number): void;
  /** The stream has said that it is complete. */
  done(): void;
  closed(): void;
}

/**
 * One streamed chat call over a socket of its own: thousands at once are a matter of file descriptors alone, and
 * each token has the time at which it came. The fake's tokens are exactly four characters.
 */
export class RawStream {
  readonly label: string;
  /** `performance.now()` of each content token. */
  readonly tokenTimes: number[] = [];
  /** Codes of the events named `error`. */
  readonly errorCodes: unknown[] = [];
  status = 0;
  requestId = "";
  doneCount = 0;
  /** The body of an answer that is no stream. */
  body = "";
  ended = false;
  readonly #listener: StreamListener;
  #socket: Socket | undefined;
  #waiting = "";
  #headers = "";
  #events = "";

  constructor(label: string, listener: StreamListener) {
    this.label = label;
    this.#listener = listener;
  }

  get tokens(): number {
    return this.tokenTimes.length;
  }

  /** Tokens that had come at that time of `performance.now()`. */
  tokensAt(timeMs: number): number {
    return this.tokenTimes.filter((at) => at <= timeMs).length;
  }

  /** Connects and sends the call; the answer arrives in the background. */
  async open(port: number, key: string, body: object): Promise<void> {
    const text = JSON.stringify({ stream: true, ...body });
    const head = [
      "POST /v1/inference/chat HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${key}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(text)}`,
      "Connection: close",
    ];
    this.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        data: (_socket, bytes) => this.#data(bytes),
        close: () => this.#end(),
        error: () => this.#end(),
      },
    });
    this.#socket.write(`${head.join("\r\n")}\r\n\r\n${text}`);
  }

  /** Leaves without a word (RST). */
  leave(): void {
    this.#socket?.terminate();
  }

  #end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#listener.closed();
  }

  #data(bytes: Uint8Array): void {
    this.#waiting += Buffer.from(bytes).toString("latin1");
    if (this.#headers === "") {
      const end = this.#waiting.indexOf("\r\n\r\n");
      if (end === -1) return;
      this.#headers = this.#waiting.slice(0, end);
      this.#waiting = this.#waiting.slice(end + 4);
      this.status = Number(this.#headers.slice(9, 12));
      this.requestId = /^x-scaigrid-request-id: (\S+)/im.exec(this.#headers)?.[1] ?? "";
    }
    if (/^transfer-encoding: chunked/im.test(this.#headers)) this.#chunks();
    else {
      this.body += this.#waiting;
      this.#waiting = "";
    }
  }

  /** Takes the whole chunks off what is waiting. */
  #chunks(): void {
    for (;;) {
      const line = this.#waiting.indexOf("\r\n");
      if (line === -1) return;
      const size = Number.parseInt(this.#waiting.slice(0, line), 16);
      const end = line + 2 + size;
      if (this.#waiting.length < end + 2) return;
      this.#text(this.#waiting.slice(line + 2, end));
      this.#waiting = this.#waiting.slice(end + 2);
    }
  }

  #text(text: string): void {
    this.#events += text;
    for (let end = this.#events.indexOf("\n\n"); end !== -1; end = this.#events.indexOf("\n\n")) {
      this.#event(this.#events.slice(0, end));
      this.#events = this.#events.slice(end + 2);
    }
  }

  #event(block: string): void {
    const data = /^data: (.*)$/m.exec(block)?.[1];
    if (data === undefined) return;
    if (data === "[DONE]") {
      this.doneCount++;
      this.#listener.done();
      return;
    }
    const value: unknown = JSON.parse(data);
    if (/^event: error$/m.test(block)) this.errorCodes.push(pick(value, "code") ?? pick(value, "error.code"));
    const content = pick(value, "choices.0.delta.content");
    if (typeof content !== "string") return;
    for (let at = 0; at < content.length; at += TOKEN_CHARS) {
      this.tokenTimes.push(performance.now());
      this.#listener.token(this.tokens);
    }
  }
}
