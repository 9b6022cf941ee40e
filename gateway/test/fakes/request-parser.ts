/** One HTTP/1.1 request as it came off the wire. Repeated headers are joined with ", ". */
export interface ParsedRequest {
  readonly method: string;
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The bytes are not HTTP/1.1, or beyond a bound of the parser. */
export class RequestSyntaxError extends Error {
  override readonly name = "RequestSyntaxError";
}

const HEAD_BYTES_MAX = 64 * 1024;
const LINE_BYTES_MAX = 1024;
const BODY_BYTES_MAX = 128 * 1024 * 1024;
const CRLF = "\r\n";

interface Head {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

type State = "head" | "fixed" | "chunk-size" | "chunk-data" | "chunk-end" | "trailers";

function readHead(text: string): Head {
  const lines = text.split(CRLF);
  const match = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(lines[0] ?? "");
  if (!match) throw new RequestSyntaxError(`request line: ${lines[0]}`);
  const headers: Record<string, string> = {};
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new RequestSyntaxError(`header line: ${line}`);
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { method: match[1] ?? "", target: match[2] ?? "", headers };
}

/**
 * Reads requests off one keep-alive connection, whatever the packets: content-length and chunked bodies.
 * Written by hand because the fake must see exactly what was sent, and must not share a parser with the gateway.
 */
export class RequestParser {
  #state: State = "head";
  #pending: Buffer = Buffer.alloc(0);
  #head: Head | undefined;
  #parts: Buffer[] = [];
  #bodyBytes = 0;
  #remaining = 0;

  /** The requests that these bytes complete. Throws RequestSyntaxError; the connection is then of no more use. */
  push(bytes: Uint8Array): readonly ParsedRequest[] {
    const fresh = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#pending = this.#pending.length === 0 ? fresh : Buffer.concat([this.#pending, fresh]);
    const complete: ParsedRequest[] = [];
    for (let more = true; more;) more = this.#step(complete);
    return complete;
  }

  /** Does one thing; false when it needs more bytes. */
  #step(complete: ParsedRequest[]): boolean {
    switch (this.#state) {
      case "head":
        return this.#readHead(complete);
      case "fixed":
        if (!this.#readData()) return false;
        return this.#finish(complete);
      case "chunk-size":
        return this.#readChunkSize();
      case "chunk-data":
        if (!this.#readData()) return false;
        this.#state = "chunk-end";
        return true;
      case "chunk-end": {
        const line = this.#line(CRLF, 2);
        if (line === undefined) return false;
        if (line !== "") throw new RequestSyntaxError("chunk longer than its size");
        this.#state = "chunk-size";
        return true;
      }
      case "trailers": {
        const line = this.#line(CRLF, LINE_BYTES_MAX);
        if (line === undefined) return false;
        return line === "" ? this.#finish(complete) : true;
      }
    }
  }

  #readHead(complete: ParsedRequest[]): boolean {
    const text = this.#line("\r\n\r\n", HEAD_BYTES_MAX);
    if (text === undefined) return false;
    this.#head = readHead(text);
    const { headers } = this.#head;
    if (headers["transfer-encoding"]?.toLowerCase() === "chunked") {
      this.#state = "chunk-size";
      return true;
    }
    this.#expect(headers["content-length"] ?? "0", /^\d+$/, 10);
    if (this.#remaining === 0) return this.#finish(complete);
    this.#state = "fixed";
    return true;
  }

  #readChunkSize(): boolean {
    const line = this.#line(CRLF, LINE_BYTES_MAX);
    if (line === undefined) return false;
    this.#expect(line.split(";", 1)[0] ?? "", /^[0-9a-f]+$/i, 16);
    this.#state = this.#remaining === 0 ? "trailers" : "chunk-data";
    return true;
  }

  #expect(text: string, shape: RegExp, radix: number): void {
    if (!shape.test(text)) throw new RequestSyntaxError(`length: ${text}`);
    this.#remaining = parseInt(text, radix);
    if (this.#bodyBytes + this.#remaining > BODY_BYTES_MAX) throw new RequestSyntaxError("body too large");
  }

  /** Moves body bytes out of the pending ones; true when the expected number is there. */
  #readData(): boolean {
    const part = this.#pending.subarray(0, this.#remaining);
    if (part.length > 0) this.#parts.push(part);
    this.#bodyBytes += part.length;
    this.#remaining -= part.length;
    this.#pending = this.#pending.subarray(part.length);
    return this.#remaining === 0;
  }

  #line(end: string, bytesMax: number): string | undefined {
    const at = this.#pending.indexOf(end);
    if (at > bytesMax || (at === -1 && this.#pending.length > bytesMax)) {
      throw new RequestSyntaxError("line or head too long");
    }
    if (at === -1) return undefined;
    const text = this.#pending.toString("latin1", 0, at);
    this.#pending = this.#pending.subarray(at + end.length);
    return text;
  }

  #finish(complete: ParsedRequest[]): boolean {
    if (!this.#head) throw new RequestSyntaxError("body without a head");
    complete.push({ ...this.#head, body: Buffer.concat(this.#parts) });
    this.#state = "head";
    this.#head = undefined;
    this.#parts = [];
    this.#bodyBytes = 0;
    return this.#pending.length > 0;
  }
}
