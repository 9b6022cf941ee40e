import { FaultError, type Fault } from "../../core/fault.ts";
import type { Exchange } from "../exchange.ts";
import type { UpstreamReply } from "../upstream.ts";
import { readPieces } from "../read-pieces.ts";
import { pause } from "../waits.ts";

/** One thing a sandbox answer does, after a wait: send some text, or fail. */
export type Step =
  | { readonly waitMs: number; readonly text: string; readonly fault?: never }
  | { readonly waitMs: number; readonly fault: Fault };

export interface SandboxReplyInit {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly upstreamId: string;
  readonly simulated: boolean;
  readonly steps: Iterator<Step>;
}

const ENCODER = new TextEncoder();

/** Marks a fault as asked for by the caller, where it was. */
export function asSimulated(error: unknown, simulated: boolean): unknown {
  if (!simulated || !(error instanceof FaultError)) return error;
  return new FaultError({ ...error.fault, simulated: true });
}

/** An answer made inside the process, paced by real timers and held to the same deadlines as any other. */
export class SandboxReply implements UpstreamReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly upstreamId: string;
  readonly simulated: boolean;
  readonly #steps: Iterator<Step>;
  readonly #exchange: Exchange;

  constructor(init: SandboxReplyInit, exchange: Exchange) {
    this.status = init.status;
    this.headers = init.headers;
    this.upstreamId = init.upstreamId;
    this.simulated = init.simulated;
    this.#steps = init.steps;
    this.#exchange = exchange;
  }

  readText(): Promise<string> {
    return readPieces(this);
  }

  async read(): Promise<Uint8Array | undefined> {
    const exchange = this.#exchange;
    exchange.waiting();
    if (exchange.cause !== undefined) throw asSimulated(exchange.cause, this.simulated);
    const step = this.#steps.next();
    if (step.done === true) {
      exchange.end();
      return undefined;
    }
    try {
      if (step.value.waitMs > 0) await pause(step.value.waitMs, exchange.signal);
    } catch (error) {
      throw asSimulated(error, this.simulated);
    }
    exchange.arrived();
    if (step.value.fault === undefined) return ENCODER.encode(step.value.text);
    exchange.end();
    throw new FaultError(step.value.fault);
  }

  contentSeen(): void {
    this.#exchange.contentSeen();
  }

  close(): void {
    this.#exchange.abort(new DOMException("the reply was closed", "AbortError"));
  }
}
