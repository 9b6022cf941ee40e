import type { Socket } from "bun";
import { AnswerReader } from "./answers.ts";
import type { NextRequest } from "./request.ts";

/** Calls that wait for a free connection. More means that the rate is beyond the target. */
const WAITING_MAX = 20_000;
const DRAIN_TIMEOUT_MS = 20_000;

interface Line {
  readonly reader: AnswerReader;
  dueMs: number;
}

/**
 * Calls that come when they are due, whether or not earlier ones have been answered. A latency counts from the
 * instant at which the call was due: a target that stalls makes every call that falls into the stall late, and all
 * of them are seen.
 */
export class OpenLoop {
  /** Milliseconds, of the calls that were due inside the window. */
  readonly latenciesMs: number[] = [];
  /** Milliseconds from the instant at which a call was due to the start of its sending, inside the window. */
  readonly sentLateMs: number[] = [];
  answered = 0;
  failures = 0;
  readonly #next: NextRequest;
  readonly #lines: Socket<Line>[] = [];
  readonly #free: Socket<Line>[] = [];
  readonly #waiting: number[] = [];
  #windowFromMs = Number.POSITIVE_INFINITY;
  #windowToMs = Number.POSITIVE_INFINITY;
  #closing = false;
  #drained: PromiseWithResolvers<void> | undefined;

  private constructor(next: NextRequest) {
    this.#next = next;
  }

  static async connect(port: number, connections: number, next: NextRequest): Promise<OpenLoop> {
    const loop = new OpenLoop(next);
    for (let i = 0; i < connections; i++) {
      const socket = await Bun.connect<Line>({
        hostname: "127.0.0.1",
        port,
        data: { reader: new AnswerReader(false), dueMs: 0 },
        socket: {
          data: (line, packet) => loop.#onData(line, packet),
          close: () => {
            if (!loop.#closing) throw new Error("the other side has closed a connection");
          },
        },
      });
      loop.#lines.push(socket);
      loop.#free.push(socket);
    }
    return loop;
  }

  /** Content tokens of all answers so far. */
  get tokens(): number {
    return this.#lines.reduce((sum, { data }) => sum + data.reader.tokens, 0);
  }

  /** A call is due. Throws when too many wait already. */
  due(dueMs: number): void {
    const socket = this.#free.shift();
    if (socket) return this.#send(socket, dueMs);
    if (this.#waiting.push(dueMs) > WAITING_MAX) throw new Error("the target cannot hold this rate");
  }

  /** The window begins. */
  beginWindow(): void {
    this.#windowFromMs = performance.now();
  }

  /** It ends: what has been due in it and is not answered yet still counts. */
  endWindow(): void {
    this.#windowToMs = performance.now();
  }

  /** Waits for the answers that are under way and closes the connections. Throws when they do not come. */
  async close(): Promise<void> {
    if (this.#free.length < this.#lines.length) {
      this.#drained = Promise.withResolvers<void>();
      const open = () => this.#lines.length - this.#free.length;
      const onTimeout = () => this.#drained?.reject(new Error(`${open()} calls were never answered`));
      const timer = setTimeout(onTimeout, DRAIN_TIMEOUT_MS);
      await this.#drained.promise;
      clearTimeout(timer);
    }
    this.#closing = true;
    for (const socket of this.#lines) socket.end();
  }

  #isInWindow(dueMs: number): boolean {
    return dueMs >= this.#windowFromMs && dueMs < this.#windowToMs;
  }

  #send(socket: Socket<Line>, dueMs: number): void {
    if (this.#isInWindow(dueMs)) this.sentLateMs.push(performance.now() - dueMs);
    socket.data.dueMs = dueMs;
    socket.write(this.#next());
  }

  #onData(socket: Socket<Line>, packet: Buffer): void {
    const progress = socket.data.reader.read(packet);
    if (progress === "more") return;
    this.answered++;
    if (progress === "failed") this.failures++;
    const { dueMs } = socket.data;
    if (this.#isInWindow(dueMs)) this.latenciesMs.push(performance.now() - dueMs);
    const nextDueMs = this.#waiting.shift();
    if (nextDueMs !== undefined) return this.#send(socket, nextDueMs);
    this.#free.push(socket);
    if (this.#free.length === this.#lines.length) this.#drained?.resolve();
  }
}
