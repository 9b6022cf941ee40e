import type { ClientAddress } from "./client-address.ts";
import type { Connection, Handle } from "./handle.ts";

/** Above our own limits on purpose: what passes it gets the runtime's bare 413 instead of ours. */
const RUNTIME_BODY_LIMIT_BYTES = 600 << 20;
/** Seconds a connection may be silent, between requests or while it sends one. */
const IDLE_SECONDS = 30;
const LOOPBACK = ["127.0.0.1", "::1"] as const;

export interface Listening {
  /** For people: `http://localhost:8000`. */
  readonly url: string;
  readonly port: number;
  /** Closes the connections that nothing is asked on. */
  closeIdle(): void;
  /** Stops accepting and resolves once every connection is done. */
  stop(): Promise<void>;
  /** Cuts every connection. */
  cut(): Promise<void>;
}

/** The port is taken, or the address is not this machine's. The message says what to do. */
export class CannotListen extends Error {
  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot listen on ${host}:${port} (${reason}): ${remedy(codeOf(cause))}`, { cause });
    this.name = "CannotListen";
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

function remedy(code: unknown): string {
  if (code === "EADDRINUSE") return "stop what uses the port, or choose another with SCAIGRID_PORT";
  if (code === "EACCES")
    return "choose a port above 1023 with SCAIGRID_PORT, or give this process the right to it";
  return "SCAIGRID_HOST must name an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them";
}

/**
 * Opens the gateway's port. `localhost` is both loopback families, where there are two; port 0 takes any free
 * one, the same for both. `isShared`: other processes open the same port, and each gets a part of the connections. Throws
 * CannotListen.
 */
export async function listen(
  host: string,
  port: number,
  handle: Handle,
  addressOf: ClientAddress,
  isShared = false,
): Promise<Listening> {
  const servers: Bun.Server<undefined>[] = [];
  try {
    for (const address of host === "localhost" ? LOOPBACK : [host]) {
      const taken = servers[0]?.port;
      if (taken !== undefined && !hasIpv6Loopback()) break;
      servers.push(serve(address, taken ?? port, handle, addressOf, isShared));
    }
  } catch (error) {
    await Promise.all(servers.map((server) => server.stop(true)));
    throw new CannotListen(host, port, error);
  }
  const first = servers[0];
  if (first?.port === undefined) throw new CannotListen(host, port, "no port");
  return {
    url: `http://${shownHost(host)}:${first.port}`,
    port: first.port,
    closeIdle() {
      for (const server of servers) server.closeIdleConnections();
    },
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
    cut: async () => void (await Promise.all(servers.map((server) => server.stop(true)))),
  };
}

function serve(
  hostname: string,
  port: number,
  handle: Handle,
  addressOf: ClientAddress,
  isShared: boolean,
): Bun.Server<undefined> {
  return Bun.serve({
    hostname,
    port,
    // Written out: leaving it unset lets a second gateway take half the traffic of the first.
    reusePort: isShared,
    development: false,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: RUNTIME_BODY_LIMIT_BYTES,
    error: () => new Response("internal error", { status: 500 }),
    fetch: (request, server) => handle(request, new ServedConnection(request, server, addressOf)),
  });
}

/** The connection a request came over. */
class ServedConnection implements Connection {
  readonly #request: Request;
  readonly #server: Bun.Server<undefined>;
  readonly #addressOf: ClientAddress;

  constructor(request: Request, server: Bun.Server<undefined>, addressOf: ClientAddress) {
    this.#request = request;
    this.#server = server;
    this.#addressOf = addressOf;
  }

  /** Made when asked for: for most calls nobody does. */
  get address(): string {
    return this.#addressOf(this.#server.requestIP(this.#request)?.address ?? "", this.#request.headers);
  }

  setIdleTimeout(seconds: number): void {
    this.#server.timeout(this.#request, seconds);
  }
}

function shownHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

/** Whether this machine has an IPv6 loopback: containers often do not. */
function hasIpv6Loopback(): boolean {
  try {
    const probe = Bun.listen({ hostname: "::1", port: 0, socket: { data: () => undefined } });
    probe.stop(true);
    return true;
  } catch {
    return false;
  }
}
