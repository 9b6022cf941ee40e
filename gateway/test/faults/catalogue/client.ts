/** When a caller leaves. */
export type Moment = "before-headers" | "after-headers" | "mid-stream" | "before-usage" | "before-whole";
/** How: in good order, with a reset, or by closing its own half alone. */
export type Way = "close" | "reset" | "half-close";

/** What a caller does wrong, and what comes of it. */
export interface ClientFault {
  /** `C01` …: stable, people quote it. */
  readonly number: string;
  /** To complete "the caller …". */
  readonly does: string;
  readonly gets: string;
  readonly charged: string;
  /** Below `gateway/test`. */
  readonly test: string;
}

export interface Leaving extends ClientFault {
  readonly moment: Moment;
  readonly way: Way;
  /** Tokens that have been relayed by then. */
  readonly relayed: number;
}

const WAYS: readonly (readonly [Way, string])[] = [
  ["close", "leaves"],
  ["reset", "resets the connection"],
  ["half-close", "closes its half of the connection"],
];
const MOMENTS: readonly (readonly [Moment, string, number])[] = [
  ["before-whole", "before a whole answer", 0],
  ["before-headers", "before the first token of a stream", 0],
  ["after-headers", "right after the headers of a stream", 0],
  ["mid-stream", "in the middle of a stream", 6],
  ["before-usage", "after the last token, before the usage", 8],
];

/** Each is seen by the provider within 200 ms. */
export const LEAVING: readonly Leaving[] = MOMENTS.flatMap(([moment, when, relayed], m) =>
  WAYS.map(([way, how], w) => ({
    number: numberOf(1 + m * WAYS.length + w),
    does: `${how} ${when}`,
    gets: "the provider is told within 200 ms",
    charged: relayed === 0 ? "the input, estimated" : "the input and what was sent down, estimated",
    test: "faults/leaving.test.ts",
    moment,
    way,
    relayed,
  })),
);

/** A body that is sent in a way it should not be, as bytes on a connection. */
export interface Sending extends ClientFault {
  readonly body: "left-unfinished" | "ten-mb" | "hundred-mb" | "longer-than-said";
  /** Status of the answer; 0 = none. */
  readonly status: number;
}

const NOTHING = "nothing";
const SENDING_TEST = "faults/sending.test.ts";

export const SENDING: readonly Sending[] = [
  {
    number: "C16",
    does: "leaves in the middle of its body",
    gets: "no provider is asked",
    charged: NOTHING,
    test: SENDING_TEST,
    body: "left-unfinished",
    status: 0,
  },
  {
    number: "C17",
    does: "sends a body of 10 MB",
    gets: "its answer",
    charged: "as reported",
    test: SENDING_TEST,
    body: "ten-mb",
    status: 200,
  },
  {
    number: "C18",
    does: "sends a body of 100 MB",
    gets: "`413 PAYLOAD_TOO_LARGE`",
    charged: NOTHING,
    test: SENDING_TEST,
    body: "hundred-mb",
    status: 413,
  },
  {
    number: "C19",
    does: "sends more than the length it gave",
    gets: "`400` without a body, and the end of the connection",
    charged: NOTHING,
    test: SENDING_TEST,
    body: "longer-than-said",
    status: 400,
  },
];

/** The one error that most of what is malformed meets. */
const INVALID = "`422 VALIDATION_ERROR` naming the field";
const BODY_TEST = "api/body-limits.test.ts";
const CONNECTING_TEST = "faults/connecting-load.test.ts";

function refused(number: number, does: string, gets: string, test: string): ClientFault {
  return { number: numberOf(number), does, gets, charged: NOTHING, test };
}

export const MALFORMED: readonly ClientFault[] = [
  refused(20, "declares a length beyond the limit", "`413 PAYLOAD_TOO_LARGE` before it sends it", BODY_TEST),
  refused(21, "sends chunks without end", "`413 PAYLOAD_TOO_LARGE` at the limit", BODY_TEST),
  refused(22, "sends text that is not JSON", "`422 VALIDATION_ERROR` with line and column", BODY_TEST),
  refused(23, "nests deeper than 64 levels", INVALID, BODY_TEST),
  refused(24, "sends `1e999`, or a number beyond 2⁵³", INVALID, BODY_TEST),
  {
    number: numberOf(25),
    does: "sends `__proto__`",
    gets: "its answer; the field is left out and named in `_meta.dropped`",
    charged: "as reported",
    test: BODY_TEST,
  },
  {
    number: numberOf(26),
    does: "sends a field twice",
    gets: "its answer; the last one counts",
    charged: "as reported",
    test: BODY_TEST,
  },
  {
    number: numberOf(27),
    does: "sends half a surrogate pair",
    gets: "its answer; what cannot be written is U+FFFD",
    charged: "as reported",
    test: BODY_TEST,
  },
  refused(28, "asks for fewer than one token", INVALID, "api/chat-whole.test.ts"),
];

export const CONNECTING: readonly ClientFault[] = [
  {
    number: numberOf(29),
    does: "opens 10 000 connections and says nothing",
    gets: "others go on being answered",
    charged: NOTHING,
    test: CONNECTING_TEST,
  },
  {
    number: numberOf(30),
    does: "opens a new connection for every one of 2 000 calls",
    gets: "every answer",
    charged: "as reported",
    test: CONNECTING_TEST,
  },
  {
    number: numberOf(31),
    does: "sends a second call on a connection before the first is answered (pipelining)",
    gets: "the end of the connection, without half an answer: the first call counts as left",
    charged: "the input, if a provider was at work",
    test: CONNECTING_TEST,
  },
  {
    number: numberOf(32),
    does: "forges `X-Forwarded-For`, `-Host` and `-Proto`, `Forwarded` and `X-Real-IP`",
    gets: "the same answer as without them",
    charged: "as reported",
    test: CONNECTING_TEST,
  },
];

/** What comes a byte at a time, seconds apart. */
export interface Slow extends ClientFault {
  readonly part: "headers" | "body";
  /** Status of the answer; 0 = none. */
  readonly status: number;
}

export const SLOW: readonly Slow[] = [
  {
    ...refused(
      33,
      "sends its headers a byte at a time",
      "the end of the connection after some ten seconds",
      "faults/slow-sending.test.ts",
    ),
    part: "headers",
    status: 0,
  },
  {
    ...refused(
      34,
      "sends its body a byte at a time",
      "`422 VALIDATION_ERROR` after `SCAIGRID_BODY_SECONDS`",
      "faults/slow-sending.test.ts",
    ),
    part: "body",
    status: 422,
  },
];

const WIRE_TEST = "api/wire.test.ts";

export const ELSEWHERE: readonly ClientFault[] = [
  {
    number: numberOf(35),
    does: "leaves by the thousand, all within a second",
    gets: "every provider is told, nothing stays in flight",
    charged: "each its input and what was sent down",
    test: "durability/departure.test.ts",
  },
  refused(
    36,
    "hides a second request in the first (smuggling)",
    "a bare `400` or another refusal; the hidden request is not answered",
    WIRE_TEST,
  ),
  refused(37, "sends two `Host` headers, none or no name", "`400`, or `422` naming `header.host`", WIRE_TEST),
  refused(
    38,
    "spells a path with dot segments, encodings or doubled slashes",
    "the verdict of the plain spelling, or nothing is found there",
    WIRE_TEST,
  ),
  refused(39, "uses names that every JavaScript object has", "what any other name gets", WIRE_TEST),
  refused(40, "sends 20 kB of headers, or 300 of them", "a bare `400` or `431`", WIRE_TEST),
  refused(
    41,
    "sends more calls at once than the installation takes",
    "a place in a short queue, or `503 OVERLOADED`",
    "api/overload.test.ts",
  ),
];

/** `C07` for 7. */
function numberOf(place: number): string {
  return `C${String(place).padStart(2, "0")}`;
}

export const CLIENT_FAULTS: readonly ClientFault[] = [
  ...LEAVING,
  ...SENDING,
  ...MALFORMED,
  ...CONNECTING,
  ...SLOW,
  ...ELSEWHERE,
];
