import { BadFraming } from "./framing.ts";

/**
 * Binary event streams: messages with a length, headers, a payload and two checksums, big-endian. Format: Amazon event
 * stream encoding, `application/vnd.amazon.eventstream`.
 */
export interface EventMessage {
  /** The headers that are texts, by name; others are read over. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
const MESSAGE_BYTES_MIN = PRELUDE_BYTES + CHECKSUM_BYTES;
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const HEADERS_BYTES_MAX = 128 * 1024;
/** Room that is kept from one message to the next. */
const ROOM_KEPT_BYTES = 64 * 1024;

const NO_BYTES = new Uint8Array(0);
const NO_MESSAGES: readonly EventMessage[] = [];
const utf8 = new TextDecoder("utf-8");

/** Bytes of a header's value by its type; undefined where the value tells its own length. */
const VALUE_BYTES: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16];
const TYPE_TEXT = 7;

/** Incremental decoder; one per stream. Bytes wait until their message is complete. */
export class EventStreamDecoder {
  readonly #messageBytesMax: number;
  #pending: Uint8Array = NO_BYTES;
  #pendingBytes = 0;

  constructor(messageBytesMax: number = MESSAGE_BYTES_MAX) {
    this.#messageBytesMax = messageBytesMax;
  }

  /**
   * The messages that these bytes complete. Throws BadFraming for lengths that cannot be and checksums that do not
   * fit; the decoder is of no use after that.
   */
  push(chunk: Uint8Array): readonly EventMessage[] {
    if (chunk.length === 0) return NO_MESSAGES;
    const bytes = this.#pendingBytes === 0 ? chunk : this.#joined(chunk);
    const messages: EventMessage[] = [];
    let at = 0;
    while (bytes.length - at >= PRELUDE_BYTES) {
      const length = this.#lengthAt(bytes, at);
      if (bytes.length - at < length) break;
      messages.push(readMessage(bytes.subarray(at, at + length)));
      at += length;
    }
    this.#keep(bytes.subarray(at));
    return messages;
  }

  /** Whether the bytes have ended inside a message. */
  get isCut(): boolean {
    return this.#pendingBytes > 0;
  }

  /** The waiting bytes with these behind them. Doubles its room, so that many pieces are copied few times. */
  #joined(chunk: Uint8Array): Uint8Array {
    const needed = this.#pendingBytes + chunk.length;
    if (needed > this.#pending.length) {
      const larger = new Uint8Array(Math.max(needed, this.#pending.length * 2));
      larger.set(this.#pending.subarray(0, this.#pendingBytes));
      this.#pending = larger;
    }
    this.#pending.set(chunk, this.#pendingBytes);
    this.#pendingBytes = needed;
    return this.#pending.subarray(0, needed);
  }

  /** Lets all but `rest` go; it may be the end of what is waiting already. */
  #keep(rest: Uint8Array): void {
    if (rest.length > this.#pending.length) this.#pending = new Uint8Array(rest.length);
    else if (rest.length === 0 && this.#pending.length > ROOM_KEPT_BYTES) this.#pending = NO_BYTES;
    if (rest.length > 0) this.#pending.set(rest, 0);
    this.#pendingBytes = rest.length;
  }

  #lengthAt(bytes: Uint8Array, at: number): number {
    const prelude = new DataView(bytes.buffer, bytes.byteOffset + at, PRELUDE_BYTES);
    const length = prelude.getUint32(0);
    const headersLength = prelude.getUint32(4);
    if (crc32(bytes.subarray(at, at + 8)) !== prelude.getUint32(8))
      throw new BadFraming("a prelude's checksum is wrong");
    if (length > this.#messageBytesMax) {
      throw new BadFraming(`an event of the stream is larger than ${this.#messageBytesMax} bytes`);
    }
    const isPossible =
      length >= MESSAGE_BYTES_MIN && headersLength <= Math.min(length - MESSAGE_BYTES_MIN, HEADERS_BYTES_MAX);
    if (!isPossible)
      throw new BadFraming(`an event of ${length} bytes cannot have ${headersLength} bytes of headers`);
    return length;
  }
}

function crc32(bytes: Uint8Array): number {
  return Bun.hash.crc32(bytes);
}

/** `bytes` is one whole message whose prelude has been checked. */
function readMessage(bytes: Uint8Array): EventMessage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - CHECKSUM_BYTES;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end))
    throw new BadFraming("an event's checksum is wrong");
  const headersEnd = PRELUDE_BYTES + view.getUint32(4);
  const headers = readHeaders(bytes.subarray(PRELUDE_BYTES, headersEnd));
  // A copy: the room it lies in is used again.
  return { headers, payload: bytes.slice(headersEnd, end) };
}

function readHeaders(bytes: Uint8Array): Record<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headers: Record<string, string> = {};
  try {
    for (let at = 0; at < bytes.length;) {
      const nameEnd = at + 1 + view.getUint8(at);
      const name = utf8.decode(bytes.subarray(at + 1, nameEnd));
      const type = view.getUint8(nameEnd);
      if (type >= VALUE_BYTES.length) throw new BadFraming(`a header of an unknown type ${type}`);
      const fixed = VALUE_BYTES[type];
      const from = fixed === undefined ? nameEnd + 3 : nameEnd + 1;
      const end = from + (fixed ?? view.getUint16(nameEnd + 1));
      if (end > bytes.length) throw new BadFraming("a header is longer than its event");
      if (type === TYPE_TEXT) headers[name] = utf8.decode(bytes.subarray(from, end));
      at = end;
    }
  } catch (error) {
    if (error instanceof RangeError) throw new BadFraming("a header is longer than its event");
    throw error;
  }
  return headers;
}
