import type { Inbound } from "../inference/inbound.ts";
import { readText } from "./body.ts";
import { holdsKey } from "./caller.ts";
import type { Arrival } from "./route.ts";

/** A request as the pipeline sees it. A class: an object with closures cost every call five more allocations. */
export class InboundRequest implements Inbound {
  readonly path: string;
  readonly headers: Headers;
  readonly #arrival: Arrival;

  constructor(arrival: Arrival) {
    this.path = arrival.target.pathname;
    this.headers = arrival.request.headers;
    this.#arrival = arrival;
  }

  get address(): string {
    return this.#arrival.connection.address;
  }

  get signal(): AbortSignal {
    return this.#arrival.request.signal;
  }

  get keyInQuery(): boolean {
    return holdsKey(this.#arrival.target.search);
  }

  text(limitBytes: number, cover: (bytes: number) => void): Promise<string> {
    return readText(this.#arrival.request, limitBytes, cover);
  }

  setIdleTimeout(seconds: number): void {
    this.#arrival.connection.setIdleTimeout(seconds);
  }
}
