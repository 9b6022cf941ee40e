import { ANSWER, after, both, cut, error, stream, whole } from "./fault.ts";
import type { Case, FaultGroup } from "./fault.ts";
import { textOf } from "../../fakes/answers.ts";

const BROKEN = error("BACKEND_ERROR");
const UNREADABLE = error("UPSTREAM_SHAPE_MISMATCH");
const TWICE = { attempts: 2 };
const SKIPPED = { traced: "event_skipped" };
const BEHIND = { traced: "behind the end of the answer: " };
/** Well before the deadline for silence. */
const UNMARKED = { traced: "no terminal mark", withinMs: 8_000 };

/** A spelling that is allowed, if odd: the stream comes whole. */
function spelled(parameters: string): readonly Case[] {
  return [stream(`fake-ok?${parameters}`, ANSWER)];
}

export const ENDINGS: FaultGroup = {
  title: "How a stream ends",
  test: "faults/endings.test.ts",
  faults: [
    {
      number: "U32",
      does: "ends the stream in good order, without a finish reason",
      cases: [after("fake-no-finish", cut("BACKEND_ERROR", 8))],
    },
    {
      number: "U33",
      does: "ends the stream with `[DONE]`, without a finish reason",
      cases: [
        stream("fake-done-without-finish?tokens=0", BROKEN, TWICE),
        after("fake-done-without-finish", cut("BACKEND_ERROR", 8)),
      ],
    },
    {
      number: "U34",
      does: "gives a finish reason and no `[DONE]`: ends, falls silent, or sends comments for ever",
      cases: [
        stream("fake-no-done", ANSWER),
        stream("fake-silent-behind-finish", ANSWER, UNMARKED),
        stream("fake-silent-behind-finish?tools=2", ANSWER, UNMARKED),
        stream("fake-silent-behind-finish", ANSWER, { ...UNMARKED, n: 3 }),
        stream("fake-silent-behind-finish?usage=missing", ANSWER, { ...UNMARKED, charged: "estimated" }),
        stream("fake-comments-behind-finish?slow_ms=300", ANSWER, UNMARKED),
      ],
    },
    { number: "U35", does: "sends `[DONE]` twice", cases: [stream("fake-double-done", ANSWER)] },
    { number: "U36", does: "goes on after `[DONE]`", cases: [stream("fake-data-after-done", ANSWER)] },
    {
      number: "U37",
      does: "ends in the middle of the last event",
      cases: [
        stream("fake-truncated-event?tokens=0", BROKEN, TWICE),
        after("fake-truncated-event", cut("BACKEND_ERROR", 8)),
      ],
    },
    {
      number: "U38",
      does: "leaves out the blank line after the last event",
      cases: [stream("fake-no-blank-line", ANSWER)],
    },
    {
      number: "U39",
      does: "sends a stream without a single event",
      cases: [stream("fake-empty-stream", BROKEN, TWICE)],
    },
    {
      number: "U40",
      does: "gives a whole answer without a finish reason",
      cases: [whole("fake-no-finish", { kind: "answer", note: "finish reason `stop`, or `tool_calls`" })],
    },
  ],
};

const MIXED = `${textOf(3, false)}mixd${textOf(8, false).slice(12)}`;
const GARBLED = `${textOf(3, false)}\u{FFFD}\u{FFFD}(${textOf(8, false).slice(12)}`;

export const SPELLINGS: FaultGroup = {
  title: "How a stream is written",
  test: "faults/spellings.test.ts",
  faults: [
    {
      number: "U41",
      does: "sends an event that is not JSON in the middle",
      cases: [
        stream("fake-malformed-event?after=0", ANSWER, SKIPPED),
        after("fake-malformed-event", ANSWER, SKIPPED),
      ],
    },
    {
      number: "U42",
      does: "sends one byte per packet, every character cut apart",
      cases: [stream("fake-ok?packet=1&utf8=1", ANSWER), whole("fake-ok?packet=1&utf8=1", ANSWER)],
    },
    {
      number: "U43",
      does: "sends bytes that are not UTF-8",
      cases: [
        whole("fake-invalid-utf8-body", {
          kind: "answer",
          text: "\u{FFFD}\u{FFFD}(",
          note: "what is unreadable is U+FFFD",
        }),
        after("fake-invalid-utf8", { kind: "answer", text: GARBLED, note: "what is unreadable is U+FFFD" }),
      ],
    },
    { number: "U44", does: "ends lines with CR", cases: spelled("eol=cr") },
    { number: "U45", does: "ends lines with CRLF", cases: spelled("eol=crlf") },
    { number: "U46", does: "ends lines with CRLF, a byte per packet", cases: spelled("eol=crlf&packet=1") },
    { number: "U47", does: "begins with a byte order mark", cases: spelled("bom=1") },
    { number: "U48", does: "sends comments between events", cases: spelled("comments=1") },
    { number: "U49", does: "spreads an event over several `data:` lines", cases: spelled("multiline=1") },
    { number: "U50", does: "leaves out the space after `data:`", cases: spelled("space=0") },
    {
      number: "U51",
      does: "sends a line of 50 MB",
      cases: [
        stream("fake-huge-line?mb=50&after=0", UNREADABLE),
        after("fake-huge-line?mb=50", cut("UPSTREAM_SHAPE_MISMATCH")),
        after("fake-junk-behind-finish?mb=18", ANSWER, BEHIND),
      ],
    },
    {
      number: "U52",
      does: "sends a million tiny events that say nothing",
      cases: [
        stream("fake-tiny-events?after=0", ANSWER, SKIPPED),
        after("fake-tiny-events", ANSWER, SKIPPED),
      ],
    },
    {
      number: "U53",
      does: "mixes in a second choice that nobody asked for",
      cases: [
        after(
          "fake-interleaved-choices",
          { kind: "answer", text: MIXED, note: "without the second choice" },
          { traced: "choice 1, 1 asked for" },
        ),
      ],
    },
    {
      number: "U54",
      does: "interleaves the choices that were asked for",
      cases: [stream("fake-ok", ANSWER, { n: 3 })],
    },
  ],
};

export const BODIES: FaultGroup = {
  title: "What stands in the answer",
  test: "faults/bodies.test.ts",
  faults: [
    { number: "U55", does: "sends a web page with 200", cases: both("fake-html", UNREADABLE) },
    { number: "U56", does: "sends a web page with 502", cases: both("fake-html-error", BROKEN, TWICE) },
    { number: "U57", does: "sends an error object with 200", cases: both("fake-error-200", BROKEN, TWICE) },
    {
      number: "U58",
      does: "sends an error as an event of the stream",
      cases: [
        stream("fake-error-event?after=0", BROKEN, TWICE),
        after("fake-error-event", cut("BACKEND_ERROR")),
        after("fake-error-behind-finish", ANSWER, BEHIND),
        after("fake-error-behind-finish?tools=2", ANSWER, BEHIND),
        after("fake-error-behind-finish", ANSWER, { ...BEHIND, n: 2 }),
      ],
    },
    { number: "U59", does: "sends half a JSON text", cases: both("fake-not-json", UNREADABLE) },
    { number: "U60", does: "sends another object", cases: both("fake-wrong-shape", UNREADABLE) },
    { number: "U61", does: "sends an answer without choices", cases: both("fake-no-choices", UNREADABLE) },
    {
      number: "U62",
      does: "sends a stream where a whole answer was asked for, or a whole answer for a stream",
      cases: [
        whole("fake-wrong-type", UNREADABLE),
        stream("fake-wrong-type", { kind: "answer", note: "as a stream of a few events" }),
      ],
    },
    { number: "U63", does: "sends nothing with 200", cases: both("fake-empty", UNREADABLE) },
    {
      number: "U64",
      does: "answers 204",
      cases: [whole("fake-no-content", UNREADABLE), stream("fake-no-content", BROKEN, TWICE)],
    },
    ...[301, 302, 303, 307, 308].map((code, i) => ({
      number: `U${65 + i}`,
      does: `redirects to a metadata address with ${code}`,
      cases: both(`fake-redirect?code=${code}`, UNREADABLE),
    })),
    {
      number: "U70",
      does: "redirects to another address of its own",
      cases: both("fake-redirect?location=/v1/elsewhere", UNREADABLE),
    },
    {
      number: "U71",
      does: "compresses the answer although it was asked not to",
      cases: both("fake-gzip", ANSWER),
    },
    {
      number: "U72",
      does: "sends 200 MB in a few compressed kilobytes",
      cases: both("fake-gzip-bomb?mb=200", UNREADABLE),
    },
    {
      number: "U73",
      does: "claims a compression it did not use",
      cases: both("fake-wrong-encoding", UNREADABLE),
    },
    {
      number: "U74",
      does: "names a compression nobody knows",
      cases: both("fake-unknown-encoding", { kind: "answer", note: "where it is readable all the same" }),
    },
    { number: "U75", does: "sends an answer of 70 MB", cases: both("fake-huge-answer?mb=70", UNREADABLE) },
  ],
};
