import { FaultError } from "../core/fault.ts";
import type { Exchange } from "./exchange.ts";
import { networkFault } from "./network-fault.ts";
import type { UpstreamReply } from "./upstream.ts";
import { readPieces } from "./read-pieces.ts";
import { within } from "./waits.ts";

/** Limits of what is read from one answer. Bytes, after decompression. */
export interface BodyLimits {
  readonly bodyBytesMax: number;
  readonly errorBodyBytesMax: number;
}

/** The part of a body's reader that is used; the types of the platform and of Bun disagree on the rest. */
interface BodyReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}

/** What is still read of an answer that is complete, to be able to use its connection again. */
const DRAIN_BYTES_MAX = 64 * 1024;
const DRAIN_TIMEOUT_MS = 250;

/** An announced answer up to this size is read in one go. */
const SHORT_BYTES_MAX = 256 * 1024;

const HEADER_VALUE_CHARS_MAX = 1_000;
const UPSTREAM_ID_CHARS_MAX = 200;
const HEADERS_KEPT: ReadonlySet<string> = new Set([
  "content-type",
  "retry-after",
  "retry-after-ms",
  "x-request-id",
  "request-id",
  "x-amzn-requestid",
  "x-amzn-errortype",
]);
const HEADER_FAMILY_KEPT = "x-ratelimit-";

function keptHeaders(all: Headers): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  all.forEach((value, name) => {
    if (!HEADERS_KEPT.has(name) && !name.startsWith(HEADER_FAMILY_KEPT)) return;
    if (value.length <= HEADER_VALUE_CHARS_MAX) kept[name] = value;
  });
  return kept;
}

/** What an upstream calls the request, by the first of its names. */
function idIn(headers: Headers): string | null {
  return headers.get("x-request-id") ?? headers.get("request-id") ?? headers.get("x-amzn-requestid");
}

/** Whether a piece holds anything but the white space some providers send while they work. */
function hasContent(piece: Uint8Array): boolean {
  for (const byte of piece) if (byte > 0x20) return true;
  return false;
}

/** An answer that comes over a connection. */
export class HttpReply implements UpstreamReply {
  readonly status: number;
  readonly upstreamId?: string;
  readonly shown?: readonly string[];
  readonly #response: Response;
  readonly #exchange: Exchange;
  #reader: BodyReader | undefined;
  readonly #stream: boolean;
  readonly #limits: BodyLimits;
  #headers: Readonly<Record<string, string>> | undefined;
  #bytes = 0;
  #contentSeen = false;
  #ended = false;

  constructor(
    response: Response,
    stream: boolean,
    exchange: Exchange,
    limits: BodyLimits,
    shown: readonly string[] | undefined,
  ) {
    this.status = response.status;
    this.#response = response;
    const id = idIn(response.headers);
    if (id !== null) this.upstreamId = id.slice(0, UPSTREAM_ID_CHARS_MAX);
    if (shown !== undefined) this.shown = shown;
    this.#exchange = exchange;
    this.#stream = stream;
    this.#limits = limits;
  }

  /** Made when first asked for: most answers are read without a look at them (1 µs). */
  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= keptHeaders(this.#response.headers);
    return this.#headers;
  }

  readText(): Promise<string> {
    // What announces too much is not read at all: 64 MB of it would cost three times as much while they last.
    if (this.#isSuccess() && this.#announced() > this.#limits.bodyBytesMax)
      return Promise.reject(this.#tooLarge());
    return this.#isShort() ? this.#readShort() : readPieces(this);
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#ended) return Promise.resolve(undefined);
    this.#exchange.waiting();
    const reading = this.#pieces()?.read() ?? Promise.resolve({ done: true });
    return reading.then(this.#arrived, this.#failed);
  }

  // Made once for all pieces of an answer: an async function for each costs 1 µs more.
  readonly #arrived = ({ value: piece }: { readonly value?: Uint8Array | undefined }) => {
    const exchange = this.#exchange;
    if (exchange.cause !== undefined) throw this.#broken(exchange.cause);
    exchange.arrived();
    if (piece === undefined) {
      this.#ended = true;
      exchange.end();
      return undefined;
    }
    if (!this.#stream && !this.#contentSeen && hasContent(piece)) this.contentSeen();
    return this.#withinLimit(piece);
  };

  readonly #failed = (error: unknown): never => {
    throw this.#broken(error);
  };

  contentSeen(): void {
    this.#contentSeen = true;
    this.#exchange.contentSeen();
  }

  close(how?: "complete"): void {
    if (this.#ended) {
      this.#exchange.end();
      return;
    }
    this.#ended = true;
    const reader = this.#reader;
    if (how === "complete" && reader !== undefined && this.#exchange.cause === undefined) {
      // The call is over for everyone else: its deadlines and its place at the backend end here.
      this.#exchange.end();
      void drain(reader, this.#exchange);
      return;
    }
    this.#exchange.abort(new DOMException("the reply was closed", "AbortError"));
  }

  /** Made when first asked for: a short answer is read without it. */
  #pieces(): BodyReader | undefined {
    if (this.#reader === undefined) {
      const body: ReadableStream<Uint8Array> | null = this.#response.body;
      this.#reader = body?.getReader();
    }
    return this.#reader;
  }

  /** Whether the whole answer is announced and small: it was finished before it was sent. */
  #isShort(): boolean {
    const { bodyBytesMax, errorBodyBytesMax } = this.#limits;
    const most = Math.min(SHORT_BYTES_MAX, bodyBytesMax, errorBodyBytesMax);
    const { headers } = this.#response;
    return this.#reader === undefined && this.#announced() <= most && !headers.has("content-encoding");
  }

  /** Bytes on the wire; NaN where nothing is announced. */
  #announced(): number {
    return Number(this.#response.headers.get("content-length") ?? Number.NaN);
  }

  #isSuccess(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  #tooLarge(): FaultError {
    this.#ended = true;
    return this.#exchange.fail({
      class: "shape",
      reason: `the answer is larger than ${this.#limits.bodyBytesMax} bytes`,
      status: this.status,
    });
  }

  /** In one go, which costs a third of reading piece by piece; the idle deadline counts for all of it. */
  async #readShort(): Promise<string> {
    const exchange = this.#exchange;
    this.contentSeen();
    exchange.waiting();
    let text: string;
    try {
      text = await this.#response.text();
    } catch (error) {
      throw this.#broken(error);
    }
    if (exchange.cause !== undefined) throw this.#broken(exchange.cause);
    this.#ended = true;
    exchange.end();
    return text;
  }

  /** What a failed read means: what closed the call, or else the network. */
  #broken(error: unknown): Error {
    this.#ended = true;
    this.#exchange.end();
    return (
      this.#exchange.cause ??
      networkFault(error, "the connection broke while the answer was read", this.status)
    );
  }

  #withinLimit(piece: Uint8Array): Uint8Array | undefined {
    this.#bytes += piece.byteLength;
    if (this.#isSuccess()) {
      if (this.#bytes <= this.#limits.bodyBytesMax) return piece;
      throw this.#tooLarge();
    }
    const excess = this.#bytes - this.#limits.errorBodyBytesMax;
    if (excess <= 0) return piece;
    // What a provider says about an error is in its first lines; the rest is not worth the connection.
    this.close();
    return excess < piece.byteLength ? piece.subarray(0, piece.byteLength - excess) : undefined;
  }
}

/**
 * Reads what is left of a complete answer, mostly nothing but the final chunk's mark. Whatever goes wrong here
 * costs the connection and nothing else, so nobody is told.
 */
async function drain(reader: BodyReader, exchange: Exchange): Promise<void> {
  let bytes = 0;
  const toEnd = async () => {
    while (bytes <= DRAIN_BYTES_MAX) {
      const { done, value } = await reader.read();
      if (done) return true;
      bytes += value?.byteLength ?? 0;
    }
    return false;
  };
  const overdue = () => new FaultError({ class: "timeout", reason: "the answer's end did not come" });
  const reusable = await within(toEnd(), DRAIN_TIMEOUT_MS, overdue).catch(() => false);
  if (!reusable) exchange.cut();
}
