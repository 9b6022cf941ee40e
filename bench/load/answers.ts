import { TOKEN } from "./work.ts";

/** The empty chunk that ends a chunked body. */
const END = "0\r\n\r\n";
const TOKEN_BYTES = Buffer.from(TOKEN);

/** What a packet made of the answer it belongs to. */
export type Progress = "more" | "whole" | "failed";

/** Reads the answers that come over one connection, one after the other. */
export class AnswerReader {
  /** Content tokens of all answers so far. */
  tokens = 0;
  readonly #stream: boolean;
  /** What of an answer has come, while it is not whole. */
  #pending: Buffer | undefined;
  /** Whether the head of a streamed answer has been read. */
  #inBody = false;
  /** The last characters before this packet, where a token may have been cut. */
  #tail = "";
  /** The last five characters of the body so far: the empty chunk may come in two packets. */
  #end = "";

  constructor(stream: boolean) {
    this.#stream = stream;
  }

  /** Takes a packet. Throws on an answer without a length. */
  read(packet: Buffer): Progress {
    return this.#stream ? this.#readStream(packet) : this.#readWhole(packet);
  }

  /** A head with a length, and that many bytes. */
  #readWhole(packet: Buffer): Progress {
    const bytes = this.#pending ? Buffer.concat([this.#pending, packet]) : packet;
    const headEnd = bytes.indexOf("\r\n\r\n");
    const length =
      headEnd === -1 ? undefined : /content-length: *(\d+)/i.exec(bytes.toString("latin1", 0, headEnd))?.[1];
    if (headEnd !== -1 && length === undefined) throw new Error("an answer without a length");
    if (length === undefined || bytes.length < headEnd + 4 + Number(length)) {
      this.#pending = Buffer.from(bytes);
      return "more";
    }
    this.#pending = undefined;
    this.tokens += countTokens(bytes);
    return isOk(bytes) ? "whole" : "failed";
  }

  /** Chunked, counted packet by packet, whole at the empty chunk. */
  #readStream(packet: Buffer): Progress {
    if (!this.#inBody && !isOk(packet)) return this.#readWhole(packet);
    this.#inBody = true;
    const bytes = this.#tail === "" ? packet : Buffer.concat([Buffer.from(this.#tail, "latin1"), packet]);
    this.tokens += countTokens(bytes);
    const end = packet.toString("latin1", Math.max(0, packet.length - END.length));
    this.#end = (this.#end + end).slice(-END.length);
    // A packet that ends with an event cannot have cut a token: only others leave a tail to look at again.
    this.#tail = this.#end.endsWith("\n") ? "" : this.#end.slice(-(TOKEN.length - 1));
    if (this.#end !== END) return "more";
    this.#inBody = false;
    this.#end = "";
    return "whole";
  }
}

function countTokens(bytes: Buffer): number {
  let found = 0;
  let at = bytes.indexOf(TOKEN_BYTES);
  for (; at !== -1; at = bytes.indexOf(TOKEN_BYTES, at + TOKEN_BYTES.length)) found++;
  return found;
}

function isOk(bytes: Buffer): boolean {
  return bytes.toString("latin1", 9, 12) === "200";
}
