import type { Socket, TCPSocketListener } from "bun";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import type { Backend, Provider, Timeouts } from "../../src/core/catalogue.ts";
import { FaultError, type Fault } from "../../src/core/fault.ts";
import { ConcurrencyGate } from "../../src/upstream/concurrency.ts";
import { EgressGuard, type Resolver } from "../../src/upstream/egress/guard.ts";
import { HttpUpstream, type HttpUpstreamOptions } from "../../src/upstream/http-upstream.ts";
import type { UpstreamCall, UpstreamReply } from "../../src/upstream/upstream.ts";

/** A TCP server that is given each request's text and may answer anything, or nothing. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  readonly connections: () => number;
  readonly open: () => number;
  readonly requests: readonly string[];
  /** Resolves once every connection so far has closed. */
  allClosed(): Promise<void>;
  stop(): void;
}

/** The server's end of one connection. What the kernel does not take at once is sent when it does. */
export interface Peer {
  write(data: string | Uint8Array): void;
  /** Sends what is left, then closes. */
  end(data?: string): void;
  /** Resets the connection. */
  terminate(): void;
  readonly closed: boolean;
}

export type Answerer = (peer: Peer, request: string) => void;

class Connection implements Peer {
  closed = false;
  readonly #socket: Socket<Connection>;
  #unsent = Buffer.alloc(0);

  constructor(socket: Socket<Connection>) {
    this.#socket = socket;
  }

  write(data: string | Uint8Array): void {
    if (this.closed) return;
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(data)]);
    this.flush();
  }

  end(data = ""): void {
    this.write(data);
    this.#socket.end();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  flush(): void {
    const taken = this.#socket.write(this.#unsent);
    this.#unsent = this.#unsent.subarray(Math.max(taken, 0));
  }
}

/** Starts a raw server on a free port. */
export function rawServer(answer: Answerer): RawServer {
  let connections = 0;
  let open = 0;
  const requests: string[] = [];
  let waiting: (() => void)[] = [];
  const listener: TCPSocketListener<Connection> = Bun.listen<Connection>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = new Connection(socket);
        connections += 1;
        open += 1;
      },
      data(socket, bytes) {
        const text = bytes.toString();
        requests.push(text);
        answer(socket.data, text);
      },
      drain(socket) {
        socket.data.flush();
      },
      close(socket) {
        socket.data.closed = true;
        open -= 1;
        if (open > 0) return;
        for (const resolve of waiting) resolve();
        waiting = [];
      },
    },
  });
  return {
    url: `http://127.0.0.1:${listener.port}/v1`,
    port: listener.port,
    connections: () => connections,
    open: () => open,
    requests,
    allClosed: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    stop: () => listener.stop(true),
  };
}

/** A whole response with a length. */
export function respond(body: string, extraHeaders = "", status = "200 OK"): string {
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${extraHeaders}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export const CHUNKED_HEAD =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/** One chunk of a chunked body. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

const TIMEOUTS: Timeouts = { connect: 5_000, first_byte: 5_000, idle: 5_000, total: 20_000 };

export interface CallOptions extends Partial<Omit<UpstreamCall, "backend" | "provider">> {
  readonly type?: string;
  readonly baseUrl?: string;
  readonly timeouts?: Partial<Timeouts>;
  readonly maxConcurrency?: number;
  readonly backendId?: string;
}

/** A call with everything filled in that a test does not care about. */
export function callOf(options: CallOptions = {}): UpstreamCall {
  const { type = "custom", baseUrl, timeouts, maxConcurrency, backendId = "be_1", ...rest } = options;
  const provider: Provider = {
    id: "prov_1",
    type,
    name: "test",
    status: "active",
    createdAt: 0,
    ...(baseUrl !== undefined && { baseUrl }),
  };
  const backend: Backend = {
    id: backendId,
    providerId: provider.id,
    uri: "custom:m",
    upstreamModel: "m",
    dialect: "openai-chat",
    capabilities: [],
    timeouts: { ...TIMEOUTS, ...timeouts },
    free: true,
    status: "active",
    createdAt: 0,
    ...(maxConcurrency !== undefined && { maxConcurrency }),
  };
  return {
    requestId: "req_01ARZ3NDEKTSV4RRFFQ69G5FAV",
    provider,
    backend,
    credentials: {},
    method: "POST",
    path: "/chat/completions",
    body: "{}",
    stream: false,
    firstContentMs: 5_000,
    controller: new AbortController(),
    ...rest,
  };
}

export interface HttpParts {
  readonly upstream: HttpUpstream;
  readonly gate: ConcurrencyGate;
}

/** The real transport; private addresses allowed unless a test says otherwise. */
export function httpUpstream(
  options: Partial<HttpUpstreamOptions> & { readonly resolver?: Resolver } = {},
): HttpParts {
  const { resolver, ...rest } = options;
  const gate = new ConcurrencyGate();
  const clock = rest.clock ?? systemClock;
  const upstream = new HttpUpstream({
    clock,
    guard: new EgressGuard({ clock, ...(resolver !== undefined && { resolver }) }),
    gate,
    policy: { allowPrivate: true },
    version: "0.0.0",
    ...rest,
  });
  return { upstream, gate };
}

/** The fault a promise rejects with; anything else fails the test. */
export async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FaultError) return error.fault;
    throw error;
  }
  throw new Error("expected a fault, but the call succeeded");
}

/** A clock that only moves when told. */
export class TestClock implements Clock {
  #ms = 1_000_000;

  now(): number {
    return this.#ms;
  }

  monotonic(): number {
    return this.#ms;
  }

  advance(ms: number): void {
    this.#ms += ms;
  }
}

/** The whole body as text. */
export async function readText(reply: UpstreamReply): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const piece = await reply.read();
    if (piece === undefined) return text + decoder.decode();
    text += decoder.decode(piece, { stream: true });
  }
}
