import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  SSE_KEEP_ALIVE,
  sseBytes,
  SseDecoder,
  type SseEvent,
  sseEvent,
  SseTooLarge,
} from "../../src/base/sse.ts";

function decode(chunks: Iterable<Uint8Array>, eventBytesMax?: number): SseEvent[] {
  const decoder = new SseDecoder(eventBytesMax);
  const events = [...chunks].flatMap((chunk) => [...decoder.push(chunk)]);
  return [...events, ...decoder.flush()];
}

function bytewise(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1));
}

/** The events however the bytes are cut into two, and one by one. */
function decodeEveryWay(text: string): SseEvent[] {
  const bytes = sseBytes(text);
  const whole = decode([bytes]);
  expect(decode(bytewise(bytes))).toEqual(whole);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
  }
  return whole;
}

describe("the format, wherever the bytes are cut", () => {
  const cases: [string, string, SseEvent[]][] = [
    ["LF", "data: a\n\ndata: b\n\n", [{ data: "a" }, { data: "b" }]],
    ["CR", "data: a\r\rdata: b\r\r", [{ data: "a" }, { data: "b" }]],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", [{ data: "a" }, { data: "b" }]],
    [
      "mixed line ends",
      "data: a\r\n\ndata: b\r\rdata: c\n\r\n",
      [{ data: "a" }, { data: "b" }, { data: "c" }],
    ],
    ["a byte order mark", "\uFEFFdata: a\n\n", [{ data: "a" }]],
    [
      "a byte order mark before each event",
      "\uFEFFdata: a\n\n\uFEFFdata: b\n\n",
      [{ data: "a" }, { data: "b" }],
    ],
    ["comments", ": hi\ndata: a\n:\n: x: y\n\n", [{ data: "a" }]],
    ["several data lines", "data: a\ndata:\ndata: b\n\n", [{ data: "a\n\nb" }]],
    ["no space after the colon", "data:a\n\ndata:  b\n\n", [{ data: "a" }, { data: " b" }]],
    ["a field without a colon", "data\n\ndata\ndata\n\n", [{ data: "" }, { data: "\n" }]],
    [
      "event names last for one event",
      "event: e\ndata: a\n\ndata: b\n\n",
      [{ event: "e", data: "a" }, { data: "b" }],
    ],
    ["a name after the data", "data: a\nevent: e\n\n", [{ event: "e", data: "a" }]],
    ["an event without data is none", "event: e\n\ndata: a\n\n", [{ data: "a" }]],
    ["ids and retries", "id: 1\nretry: 5\ndata: a\n\n", [{ data: "a" }]],
    ["no blank line at the end", "data: a\n\ndata: b\n", [{ data: "a" }, { data: "b" }]],
    ["no line end at the end", "data: a\n\ndata: b", [{ data: "a" }, { data: "b" }]],
    ["a CR at the end", "data: a\r", [{ data: "a" }]],
    ["characters of two to four bytes", "data: é€😀\n\n", [{ data: "é€😀" }]],
    ["empty data before more", "data: \n\ndata: a\n\n", [{ data: "" }, { data: "a" }]],
    ["blank lines only", "\n\r\n\r\n\n", []],
    ["nothing", "", []],
  ];
  test.each(cases)("%s", (_, text, events) => {
    expect(decodeEveryWay(text)).toEqual(events);
  });

  test("an event is told as soon as its blank line is there, with any line end", () => {
    for (const text of ["data: a\n\n", "data: a\r\r", "data: a\r\n\r\n"]) {
      expect(new SseDecoder().push(sseBytes(text))).toEqual([{ data: "a" }]);
    }
  });

  test("invalid UTF-8 becomes U+FFFD and harms nothing else", () => {
    const bytes = new Uint8Array([
      ...sseBytes("data: a"),
      0xff,
      0xc3,
      0x0a,
      0x0a,
      ...sseBytes("data: b\n\n"),
    ]);
    for (const chunks of [[bytes], bytewise(bytes)]) {
      expect(decode(chunks)).toEqual([{ data: "a\uFFFD\uFFFD" }, { data: "b" }]);
    }
  });
});

describe("bounds", () => {
  test("a line that never ends is cut at the bound, in one chunk and in many", () => {
    const endless = sseBytes(`data: ${"x".repeat(2000)}`);
    expect(() => decode([endless], 1000)).toThrow(SseTooLarge);
    expect(() => decode(bytewise(endless), 1000)).toThrow(SseTooLarge);
    expect(() => decode([sseBytes(`data: ${"x".repeat(2000)}\n\n`)], 1000)).toThrow(SseTooLarge);
  });

  test("an event of many small lines is cut at the bound", () => {
    expect(() => decode([sseBytes("data: xxxx\n".repeat(500))], 1000)).toThrow(SseTooLarge);
  });

  test("many small events are no large one, and an event at the bound passes", () => {
    const text = `data: ${"x".repeat(900)}\n\n`.repeat(50);
    expect(decode([sseBytes(text)], 1000)).toHaveLength(50);
    expect(decode(bytewise(sseBytes(text)), 1000)).toHaveLength(50);
  });

  test("the bound is 16 MiB unless another is given", () => {
    const decoder = new SseDecoder();
    const chunk = new Uint8Array(4 * 1024 * 1024).fill(0x78);
    for (let i = 0; i < 4; i++) decoder.push(chunk);
    expect(() => decoder.push(chunk)).toThrow(SseTooLarge);
  });
});

describe("framing", () => {
  test("what is framed is decoded again, line ends included", () => {
    const data = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\r", "\n"));
    const events = fc.array(fc.record({ data, event: fc.option(fc.stringMatching(/^\w{1,9}$/)) }));
    fc.assert(
      fc.property(events, fc.array(fc.nat(50)), (list, cuts) => {
        const bytes = sseBytes(
          list.map((one) => sseEvent(one.data, one.event ?? undefined)).join(SSE_KEEP_ALIVE),
        );
        const expected = list.map((one) =>
          one.event === null ? { data: one.data } : { ...one, event: one.event },
        );
        expect(decode(cutAt(bytes, cuts))).toEqual(expected);
      }),
    );
  });

  test("carriage returns in data become line feeds and cannot end an event", () => {
    expect(decode([sseBytes(sseEvent("a\r\nb\rc\n\nd"))])).toEqual([{ data: "a\nb\nc\n\nd" }]);
  });

  test.each(["a\n\ndata: forged", "a\rdata: forged"])("line ends in a name begin no event (%j)", (name) => {
    expect(decode([sseBytes(sseEvent("told", name))])).toEqual([{ data: "told" }]);
  });
});

test("any bytes give the same events however they are cut, and never an error", () => {
  const soup = fc.array(
    fc.oneof(
      fc.constantFrom("data: ", "data:", "event: e", "\n", "\r", "\r\n", ":", "\n\n", "é", "\uFEFF"),
      fc.string(),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(soup, fc.array(fc.nat(20)), (parts, cuts) => {
      const bytes = sseBytes(parts.join(""));
      const whole = decode([bytes]);
      expect(decode(cutAt(bytes, cuts))).toEqual(whole);
      expect(decode(bytewise(bytes))).toEqual(whole);
    }),
    { numRuns: 300 },
  );
});

function cutAt(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let from = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(from, from + length));
    from += length;
  }
  return [...chunks, bytes.subarray(from)];
}
