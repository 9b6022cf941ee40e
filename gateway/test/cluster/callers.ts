import { connect, type Socket } from "node:net";

const CALLERS = 8;

/**
 * Callers that keep their connections, as clients and proxies do, and open another where one is closed between two calls
 * or before it was accepted. What was sent on an accepted connection is never sent again.
 */
export class Callers {
  /** Whole answers that have come. */
  answered = 0;
  /** What else came of a call. */
  readonly refusals: string[] = [];
  #isStopped = false;
  readonly #running: Promise<unknown>;
  readonly #request: string;
  readonly #port: number;

  constructor(url: string, key: string, body: object) {
    const text = JSON.stringify(body);
    this.#port = Number(new URL(url).port);
    this.#request =
      `POST /v1/inference/chat HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
    this.#running = Promise.all(Array.from({ length: CALLERS }, () => this.#call()));
  }

  /** Resolves once so many more answers have come. */
  async until(more: number): Promise<void> {
    const wanted = this.answered + more;
    while (this.answered < wanted) await Bun.sleep(5);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async #call(): Promise<void> {
    while (!this.#isStopped) {
      const connection = await open(this.#port);
      while (!this.#isStopped && connection.isOpen) {
        const answer = await connection.ask(this.#request);
        if (answer.startsWith("HTTP/1.1 200 ")) this.answered++;
        // Reset before the process had taken it from the kernel: a connection that never was.
        else if (answer !== "" || connection.answers > 0) this.refusals.push(answer.slice(0, 200));
      }
      connection.close();
    }
  }
}

async function open(port: number): Promise<Connection> {
  const socket = connect(port, "127.0.0.1");
  const opened = Promise.withResolvers<void>();
  socket.once("connect", () => opened.resolve());
  socket.once("close", () => opened.resolve());
  const connection = new Connection(socket);
  await opened.promise;
  return connection;
}

class Connection {
  isOpen = true;
  answers = 0;
  #text = "";
  #heard = Promise.withResolvers<void>();
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#text += bytes.toString();
      this.#heard.resolve();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.isOpen = false;
      this.#heard.resolve();
    });
  }

  /** One whole answer; what there is of it where the connection ends. */
  async ask(request: string): Promise<string> {
    this.#text = "";
    this.#socket.write(request);
    while (this.isOpen && !isWhole(this.#text)) {
      this.#heard = Promise.withResolvers<void>();
      await this.#heard.promise;
    }
    const answer = this.#text;
    if (answer !== "") this.answers++;
    // Told that it ends: no other call goes on it.
    if (/^connection: close/im.test(answer)) this.isOpen = false;
    return answer;
  }

  close(): void {
    this.#socket.destroy();
  }
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /^content-length: (\d+)/im.exec(text)?.[1];
  if (length === undefined) return text.endsWith("0\r\n\r\n");
  return Buffer.byteLength(text.slice(end + 4)) >= Number(length);
}
