import { describe, expect, test } from "bun:test";
import { EventStreamDecoder, type EventMessage } from "../../src/base/event-stream.ts";
import { BadFraming } from "../../src/base/framing.ts";
import { eventMessage } from "../fakes/event-stream-bytes.ts";

const utf8 = new TextDecoder();

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

function decoded(pieces: Iterable<Uint8Array>, max?: number): EventMessage[] {
  const decoder = new EventStreamDecoder(max);
  return [...pieces].flatMap((piece) => [...decoder.push(piece)]);
}

function* cut(bytes: Uint8Array, size: number): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function told(messages: readonly EventMessage[]): unknown {
  return messages.map(({ headers, payload }) => [headers, utf8.decode(payload)]);
}

/** The vectors that Amazon publishes with its SDKs. */
const VECTORS = [
  ["an empty message", "00000010 00000000 05c248eb 7d98c8ff", [[{}, ""]]],
  [
    "a payload without headers",
    "0000001d 00000000 fd528c5a 7b27666f6f273a27626172277d c3653936",
    [[{}, "{'foo':'bar'}"]],
  ],
] as const;

describe("a binary event stream", () => {
  test.each(VECTORS)("%s", (_name, hex, expected) => {
    expect(told(decoded([bytesOf(hex)]))).toEqual(structuredClone<unknown>(expected));
  });

  test("says the same however its bytes are cut", () => {
    const sent = Array.from(
      { length: 5 },
      (_, i) => [{ ":event-type": `é${i}`, b: "" }, "😀".repeat(i * i)] as const,
    );
    const bytes = Buffer.concat(sent.map(([headers, payload]) => eventMessage(headers, payload)));
    for (let size = 1; size <= bytes.length; size++) {
      expect(told(decoded(cut(bytes, size)))).toEqual(sent.map(([headers, payload]) => [headers, payload]));
    }
  });

  test("reads over headers that are no texts", () => {
    // a: true, b: int 7, c: bytes, d: timestamp, e: uuid, f: text.
    const headers = bytesOf(
      `0161 00  0162 04 00000007  0163 06 0002 beef  0164 08 ${"00".repeat(8)}  0165 09 ${"11".repeat(16)}  0166 07 0001 78`,
    );
    expect(decoded([message(headers)])[0]?.headers).toEqual({ f: "x" });
  });

  test("is not cut while no message is open", () => {
    const decoder = new EventStreamDecoder();
    const bytes = eventMessage({ a: "b" }, "payload");
    decoder.push(bytes.subarray(0, 20));
    expect(decoder.isCut).toBe(true);
    decoder.push(bytes.subarray(20));
    expect(decoder.isCut).toBe(false);
  });

  test("in which any byte has changed is never taken for whole", () => {
    const bytes = eventMessage({ ":event-type": "x" }, "payload");
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(() => decoded([changed])).toThrow(BadFraming);
    }
  });

  test.each([
    ["a length below the least", header(15, 0)],
    ["headers longer than the message", header(20, 5)],
    ["headers beyond their bound", header(1_000_000, 200_000)],
    ["a message beyond its bound", header(0xff_ff_ff_ff, 0)],
  ])("with %s is refused at its first bytes", (_name, prelude) => {
    expect(() => decoded([prelude])).toThrow(BadFraming);
  });

  test("keeps no more than one message of a bounded size", () => {
    const bytes = eventMessage({}, "x".repeat(2_000));
    expect(() => decoded([bytes], 1_000)).toThrow("larger than 1000 bytes");
    expect(decoded(cut(bytes, 7), 3_000)).toHaveLength(1);
  });

  test.each(["01", "0161 07 00ff 78", "0161 0b", "0561", "0161 06 ff"])(
    "whose headers are %s is refused",
    (hex) => {
      expect(() => decoded([message(bytesOf(hex))])).toThrow(BadFraming);
    },
  );
});

function checksum(bytes: Uint8Array): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(Bun.hash.crc32(bytes));
  return out;
}

/** A prelude of these lengths whose checksum is right. */
function header(length: number, headersLength: number): Uint8Array {
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(length, 0);
  lengths.writeUInt32BE(headersLength, 4);
  return Buffer.concat([lengths, checksum(lengths)]);
}

/** A message without a payload, with these bytes for its headers. */
function message(headers: Uint8Array): Uint8Array {
  const whole = Buffer.concat([header(16 + headers.length, headers.length), headers]);
  return Buffer.concat([whole, checksum(whole)]);
}
