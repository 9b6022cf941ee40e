import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * - `open`: both ways
 * - `refusing`: whoever connects is cut at once
 * - `silent`: connections stay, nothing passes
 * - `deaf`: what is asked goes through, what is answered is lost
 */
export type ProxyState = "open" | "refusing" | "silent" | "deaf";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A network between a client and a server that fails when it is told to. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #state: ProxyState = "open";
  /** Bytes of answers that were lost. */
  lost = 0;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => {
      client.on("error", () => client.destroy());
      if (this.#state === "refusing") {
        client.destroy();
        return;
      }
      const server = connect(target.port, target.host);
      const pair = { client, server };
      this.#pairs.add(pair);
      server.on("error", () => server.destroy());
      client.on("close", () => server.destroy());
      server.on("close", () => {
        this.#pairs.delete(pair);
        client.destroy();
      });
      client.on("data", (bytes) => void server.write(bytes));
      server.on("data", (bytes) => {
        if (this.#state === "deaf") this.lost += bytes.length;
        else client.write(bytes);
      });
      if (this.#state === "silent") quiet(pair);
    });
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy does not listen");
    return address.port;
  }

  set state(state: ProxyState) {
    this.#state = state;
    if (state === "refusing") this.cut();
    for (const pair of this.#pairs) {
      if (state === "silent") quiet(pair);
      else resume(pair);
    }
  }

  /** Ends every connection there is. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  stop(): void {
    this.#server.close();
    this.cut();
  }
}

function quiet({ client, server }: Pair): void {
  client.pause();
  server.pause();
}

function resume({ client, server }: Pair): void {
  client.resume();
  server.resume();
}
