import { ANSWER, after, both, cut, error, stream, whole } from "./fault.ts";
import type { FaultGroup } from "./fault.ts";

const BROKEN = error("BACKEND_ERROR");
const LATE = error("BACKEND_TIMEOUT");
const UNREADABLE = error("UPSTREAM_SHAPE_MISMATCH");
const TWICE = { attempts: 2 };
const CONNECT = { deadlines: { connect: 400 }, withinMs: 400 };

const EVERY_FORMAT =
  "Whatever format the provider speaks; with a second backend the first is asked as often as it says here, then the second.";

/** Places that a network namespace of its own has: see `network/`. */
export const NETWORK: FaultGroup = {
  title: "No way to the provider",
  test: "faults/network.test.ts",
  note: EVERY_FORMAT,
  faults: [
    {
      number: "U01",
      does: "does not listen: the connection is refused",
      cases: both("refused", BROKEN, TWICE),
    },
    { number: "U02", does: "swallows every packet", cases: both("black-hole", LATE, CONNECT) },
    {
      number: "U03",
      does: "is on a network that cannot be reached",
      cases: both("unreachable", BROKEN, TWICE),
    },
    { number: "U04", does: "has a name that does not exist", cases: both("no-name", BROKEN, TWICE) },
    { number: "U05", does: "has a name server that fails", cases: both("name-fails", BROKEN, TWICE) },
    {
      number: "U06",
      does: "has a name server that does not answer",
      cases: both("name-slow", LATE, CONNECT),
    },
    {
      number: "U07",
      does: "has a name that turns into a private address, where only public ones are allowed",
      cases: [whole("name-flips", BROKEN), stream("name-flips", BROKEN)],
    },
    { number: "U08", does: "has a name that is a metadata address", cases: both("name-metadata", BROKEN) },
  ],
};

export const TLS: FaultGroup = {
  title: "TLS",
  test: "faults/tls.test.ts",
  note: EVERY_FORMAT,
  faults: [
    { number: "U09", does: "shows a certificate that has expired", cases: both("expired", BROKEN, TWICE) },
    { number: "U10", does: "shows a certificate for another host", cases: both("wrong-host", BROKEN, TWICE) },
    {
      number: "U11",
      does: "shows a certificate that nobody vouches for",
      cases: both("self-signed", BROKEN, TWICE),
    },
    { number: "U12", does: "stalls in the handshake", cases: both("stalled", LATE, CONNECT) },
  ],
};

const AFTER = cut("BACKEND_ERROR");

export const BREAKS: FaultGroup = {
  title: "The connection breaks",
  test: "faults/breaks.test.ts",
  faults: [
    {
      number: "U13",
      does: "resets the connection before the headers",
      cases: both("fake-reset-before-headers", BROKEN, TWICE),
    },
    {
      number: "U14",
      does: "closes the connection before the headers",
      cases: both("fake-close-before-headers", BROKEN, TWICE),
    },
    {
      number: "U15",
      does: "resets the connection in the middle of the headers",
      cases: both("fake-reset-mid-headers", BROKEN, TWICE),
    },
    {
      number: "U16",
      does: "resets the connection in the middle of the answer",
      cases: [
        whole("fake-reset", BROKEN, TWICE),
        stream("fake-reset?after=0", BROKEN, TWICE),
        after("fake-reset?after=3&strike_gate=read", AFTER),
      ],
    },
    {
      number: "U17",
      does: "closes the connection in the middle of the answer",
      cases: [
        whole("fake-close", BROKEN, TWICE),
        stream("fake-close?after=0", BROKEN, TWICE),
        after("fake-close?after=3&strike_gate=read", AFTER),
      ],
    },
    {
      number: "U18",
      does: "sends half an answer whose end is the end of the connection, so that nothing marks it as cut",
      cases: [
        whole("fake-close-framed-cut", UNREADABLE),
        stream("fake-close-framed-cut?after=0", BROKEN, TWICE),
        after("fake-close-framed-cut?after=3&strike_gate=read", AFTER),
      ],
    },
    {
      number: "U19",
      does: "closes a kept connection without a word once it has answered",
      cases: both("fake-stale-socket", ANSWER, { calls: 4, attempts: 4 }),
    },
    {
      number: "U20",
      does: "resets a kept connection when the next request comes",
      cases: both("fake-reset-on-reuse", ANSWER, { calls: 4, attempts: 7 }),
    },
    { number: "U21", does: "frames its chunks wrongly", cases: both("fake-bad-chunk", UNREADABLE) },
    { number: "U22", does: "gives two lengths that differ", cases: both("fake-double-length", UNREADABLE) },
    { number: "U23", does: "does not speak HTTP", cases: both("fake-not-http", UNREADABLE) },
    {
      number: "U24",
      does: "sends more headers than anyone reads",
      cases: both("fake-huge-headers", UNREADABLE),
    },
    {
      number: "U25",
      does: "sends a second answer nobody asked for behind the first",
      cases: both("fake-extra-response", ANSWER, { calls: 6, attempts: 6 }),
    },
  ],
};

const SHORT = { first_byte: 400, idle: 400, total: 1_200 };
const SILENT = { deadlines: SHORT, withinMs: SHORT.total };

export const SILENCE: FaultGroup = {
  title: "Silence",
  test: "faults/silence.test.ts",
  faults: [
    {
      number: "U26",
      does: "says nothing at all",
      cases: [
        whole("fake-silent-before-headers", LATE, SILENT),
        stream("fake-silent-before-headers", LATE, { ...SILENT, withinMs: SHORT.first_byte }),
      ],
    },
    {
      number: "U27",
      does: "sends headers and then nothing",
      cases: [
        whole("fake-silent-before-first-token", LATE, SILENT),
        stream("fake-silent-before-first-token", LATE, { ...SILENT, withinMs: SHORT.first_byte }),
      ],
    },
    {
      number: "U28",
      does: "falls silent in the middle of the answer",
      cases: [
        whole("fake-silent-mid-stream", LATE, { ...SILENT, withinMs: SHORT.idle }),
        stream("fake-silent-mid-stream?after=0", LATE, { ...SILENT, withinMs: SHORT.first_byte }),
        after("fake-silent-mid-stream?after=3", cut("BACKEND_TIMEOUT"), { ...SILENT, withinMs: SHORT.idle }),
      ],
    },
    {
      number: "U29",
      does: "sends its headers a byte at a time, seconds apart",
      cases: [
        whole("fake-slow-headers?slow_ms=100", LATE, SILENT),
        stream("fake-slow-headers?slow_ms=100", LATE, { ...SILENT, withinMs: SHORT.first_byte }),
      ],
    },
    {
      number: "U30",
      does: "sends its body a byte at a time, seconds apart",
      cases: [
        whole("fake-slow-body?slow_ms=5000", LATE, { ...SILENT, withinMs: SHORT.idle }),
        stream("fake-slow-stream?slow_ms=5000&after=0", LATE, { ...SILENT, withinMs: SHORT.first_byte }),
        after("fake-slow-stream?slow_ms=5000&after=3", cut("BACKEND_TIMEOUT"), {
          ...SILENT,
          withinMs: SHORT.idle,
        }),
      ],
    },
    {
      number: "U31",
      does: "sends its body a byte at a time, just fast enough never to be silent, and never ends",
      cases: [
        whole("fake-slow-body?slow_ms=100", LATE, SILENT),
        stream("fake-slow-stream?slow_ms=100&after=0", LATE, { ...SILENT, withinMs: SHORT.first_byte }),
        after("fake-slow-stream?slow_ms=100&after=3", cut("BACKEND_TIMEOUT"), SILENT),
      ],
    },
  ],
};
