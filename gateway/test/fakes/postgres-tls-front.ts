import { connect, createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** What a client of PostgreSQL sends first that wants TLS: a length of 8 and this number. */
const SSL_REQUEST = 80_877_103;

/** A PostgreSQL server that speaks TLS: in front of one that does not, with a certificate of the test's own. */
export class PostgresTlsFront {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that were opened in the clear. */
  plain = 0;
  /** Connections that went over to TLS. */
  secured = 0;

  private constructor(target: URL, identity: { readonly key: string; readonly cert: string }) {
    this.#server = createServer((client) => {
      this.#keep(client);
      client.once("data", (first: Buffer) => {
        if (first.length !== 8 || first.readInt32BE(4) !== SSL_REQUEST) {
          this.plain++;
          client.destroy();
          return;
        }
        this.secured++;
        client.write("S");
        const secure = new TLSSocket(client, { isServer: true, ...identity });
        const behind = connect(Number(target.port), target.hostname);
        this.#keep(behind);
        secure.on("error", () => behind.destroy());
        secure.pipe(behind).pipe(secure);
      });
    });
  }

  /** Listens on a free port of this machine. */
  static async start(
    target: URL,
    identity: { readonly key: string; readonly cert: string },
  ): Promise<PostgresTlsFront> {
    const front = new PostgresTlsFront(target, identity);
    await new Promise<void>((resolve) => front.#server.listen(0, "127.0.0.1", resolve));
    return front;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the front does not listen");
    return address.port;
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
