import type { Socket, TCPSocketListener } from "bun";
import { isObject } from "../harness/json.ts";
import { errorBody } from "./answers.ts";
import { readChat } from "./chat-asked.ts";
import type { ChatAsked } from "./chat-asked.ts";
import { Exchange } from "./exchange.ts";
import { BEHAVIOURS, ok } from "./faults.ts";
import type { Behaviour } from "./faults.ts";
import { Gates } from "./gates.ts";
import { Peer } from "./peer.ts";
import { PlanError, readPlan } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { RequestParser, RequestSyntaxError } from "./request-parser.ts";
import type { ParsedRequest } from "./request-parser.ts";
import { TruthLog } from "./truth-log.ts";
import type { TruthRecord } from "./truth-log.ts";

const LOGGED_BODY_BYTES_MAX = 64 * 1024;
const PLANS_COUNTED_MAX = 10_000;
const HOST = "127.0.0.1";

export interface FaultUpstreamOptions {
  /** 0 (the default) = any free one. */
  readonly port?: number;
  /** Another address of this machine to listen on. */
  readonly hostname?: string;
  /** PEM; with it the fake speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Upstream model names for `GET /v1/models`. */
  readonly models?: readonly string[];
  /** Requests that are kept in the truth log. */
  readonly recordsMax?: number;
}

/** One connection: its parser, and its requests in the order they came. */
interface Line {
  readonly peer: Peer;
  readonly parser: RequestParser;
  readonly waiting: ParsedRequest[];
  busy: boolean;
  /** Requests begun. */
  served: number;
  current: TruthRecord | undefined;
}

/**
 * An upstream over raw TCP that speaks OpenAI chat, and breaks every rule of it on request (see `readPlan`).
 * Its truth log is what tests compare the gateway's records with.
 */
export class FaultUpstream {
  readonly log: TruthLog;
  readonly gates = new Gates();
  readonly #listener: TCPSocketListener<Line | undefined>;
  readonly #hostname: string;
  readonly #tls: boolean;
  readonly #models: readonly string[];
  readonly #lines = new Set<Line>();
  readonly #seen = new Map<string, number>();
  /** Bugs of the fake itself, which must not pass for faults. */
  readonly #bugs: unknown[] = [];
  #opened = 0;
  #requests = 0;

  constructor(options: FaultUpstreamOptions = {}) {
    this.log = new TruthLog(options.recordsMax);
    this.#hostname = options.hostname ?? HOST;
    this.#tls = options.tls !== undefined;
    this.#models = options.models ?? ["fake-ok"];
    this.#listener = Bun.listen<Line | undefined>({
      hostname: this.#hostname,
      port: options.port ?? 0,
      ...(options.tls && { tls: options.tls }),
      socket: {
        open: (socket) => this.#open(socket),
        data: (socket, bytes) => this.#data(socket, bytes),
        drain: (socket) => socket.data?.peer.onDrain(),
        close: (socket) => this.#close(socket),
        error: (socket) => this.#close(socket),
      },
    });
  }

  get port(): number {
    return this.#listener.port;
  }

  /** The base URL a provider is given: `http://127.0.0.1:PORT/v1`. */
  get url(): string {
    return `${this.#tls ? "https" : "http"}://${this.#hostname}:${this.port}/v1`;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#lines.size;
  }

  /** Connections ever opened. */
  get connectionsOpened(): number {
    return this.#opened;
  }

  /** Connections on which an answer is being written or waited for. */
  get connectionsBusy(): number {
    return [...this.#lines].filter(({ busy }) => busy).length;
  }

  /** Forgets all records and counts; open connections stay. */
  clear(): void {
    this.log.clear();
    this.#seen.clear();
  }

  /** Closes everything at once. Throws the fake's own bugs, if it met any. */
  stop(): void {
    this.#listener.stop(true);
    if (this.#bugs.length > 0) throw new AggregateError(this.#bugs, "the fake upstream failed by itself");
  }

  #open(socket: Socket<Line | undefined>): void {
    const line: Line = {
      peer: new Peer(socket),
      parser: new RequestParser(),
      waiting: [],
      busy: false,
      served: 0,
      current: undefined,
    };
    socket.data = line;
    this.#lines.add(line);
    this.#opened++;
  }

  #data(socket: Socket<Line | undefined>, bytes: Uint8Array): void {
    const line = socket.data;
    if (!line) return;
    try {
      line.waiting.push(...line.parser.push(bytes));
    } catch (error) {
      if (!(error instanceof RequestSyntaxError)) this.#bugs.push(error);
      line.peer.reset();
      return;
    }
    if (line.busy || line.waiting.length === 0) return;
    line.busy = true;
    this.#serve(line)
      .catch((error: unknown) => {
        this.#bugs.push(error);
        line.peer.reset();
      })
      .finally(() => (line.busy = false));
  }

  #close(socket: Socket<Line | undefined>): void {
    const line = socket.data;
    if (!line || !this.#lines.delete(line)) return;
    line.peer.onClose();
    const record = line.current;
    if (!record || record.finished || line.peer.closedByUs) return;
    record.closedByPeerAtMs = Date.now();
    this.log.changed(record);
  }

  /** Answers what is waiting, one after the other. */
  async #serve(line: Line): Promise<void> {
    for (let next = line.waiting.shift(); next && !line.peer.gone.aborted; next = line.waiting.shift()) {
      await this.#answer(line, next);
      line.current = undefined;
    }
  }

  async #answer(line: Line, request: ParsedRequest): Promise<void> {
    const path = request.target.split("?", 1)[0] ?? "";
    if (request.method === "GET" && path.endsWith("/models")) return this.#listModels(line.peer);
    const text = request.body.toString("utf8");
    const body = parseJson(text);
    const asked = readChat(body);
    if (request.method !== "POST" || !path.endsWith("/chat/completions") || !asked) {
      return refuse(line.peer, 404, `the fake has no ${request.method} ${path} with such a body`);
    }
    try {
      const wanted = asked.fake ?? request.headers["x-fake"] ?? asked.model;
      const plan = readPlan(wanted);
      const behaviour = this.#behaviour(plan);
      const record = this.#record(request, path, plan, asked, isObject(body) ? body : text);
      line.current = record;
      const exchange = new Exchange({
        plan,
        asked,
        record,
        peer: line.peer,
        log: this.log,
        gates: this.gates,
        reused: line.served > 0,
      });
      line.served++;
      if (plan.gateAfter === undefined) await exchange.gate();
      if (await line.peer.pause(plan.firstMs)) await behaviour(exchange);
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      this.#bugs.push(error);
      await refuse(line.peer, 400, error.message);
    }
  }

  /** The plan's behaviour, or the right answer where `times` says that this request is spared. */
  #behaviour(plan: Plan): Behaviour {
    const behaviour = BEHAVIOURS.get(plan.behaviour);
    if (!behaviour) throw new PlanError(`there is no behaviour ${plan.behaviour}`);
    if (plan.times === 0) return behaviour;
    const before = this.#seen.get(plan.text) ?? 0;
    if (this.#seen.size < PLANS_COUNTED_MAX) this.#seen.set(plan.text, before + 1);
    return before % plan.every < plan.times ? behaviour : ok;
  }

  #record(request: ParsedRequest, path: string, plan: Plan, asked: ChatAsked, body: unknown): TruthRecord {
    this.#requests++;
    const record: TruthRecord = {
      fakeId: `chatcmpl-fake-${String(this.#requests).padStart(7, "0")}`,
      requestedModel: asked.model,
      plan: plan.text,
      path,
      headers: request.headers,
      body: request.body.length <= LOGGED_BODY_BYTES_MAX ? body : `${request.body.length} bytes`,
      stream: asked.stream,
      receivedAtMs: Date.now(),
      tokensSent: 0,
      bytesSent: 0,
      usageReported: undefined,
      finished: false,
      closedByPeerAtMs: undefined,
    };
    this.log.add(record);
    return record;
  }

  async #listModels(peer: Peer): Promise<void> {
    const data = this.#models.map((id) => ({
      id,
      object: "model",
      created: 1_700_000_000,
      owned_by: "fake",
    }));
    await peer.write(message(200, JSON.stringify({ object: "list", data })));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an answer here: the caller refuses the request.
    return undefined;
  }
}

function message(status: number, body: string): string {
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status} Fake\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`;
}

async function refuse(peer: Peer, status: number, why: string): Promise<void> {
  await peer.write(message(status, errorBody(status, "fake_refused", why)));
}
