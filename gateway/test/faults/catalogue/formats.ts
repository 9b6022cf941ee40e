import type { ErrorCode } from "../../../src/errors.ts";
import type { Deadlines } from "./fault.ts";

/** What a caller gets: the whole answer, an ordinary error, or an error event after content. */
export type Outcome =
  | { readonly kind: "answer"; readonly finish: string }
  | { readonly kind: "error"; readonly code: ErrorCode; readonly retryAfter?: number }
  | { readonly kind: "cut"; readonly code: ErrorCode };

/** One way in which a provider fails that is told in its own format. */
export interface FormatFault {
  /** `F01` …: stable, people quote it. */
  readonly number: string;
  /** Also the model's name at the provider, by which it knows what to do. */
  readonly name: string;
  /** To complete "a provider that …". */
  readonly does: string;
  /** With one backend, asked for a whole answer and for a stream. */
  readonly whole: Outcome;
  readonly stream: Outcome;
  /** Whether a second backend gives the answer in its place; of a stream only while nothing has gone down. */
  readonly rescued: { readonly whole: boolean; readonly stream: boolean };
  /** Of the backend. */
  readonly deadlines?: Partial<Deadlines>;
}

const ANSWER: Outcome = { kind: "answer", finish: "stop" };
const ODD_END: Outcome = { kind: "answer", finish: "error" };
const BOTH = { whole: true, stream: true };
const NEITHER = { whole: false, stream: false };
const WHOLE_ALONE = { whole: true, stream: false };
const STREAM_ALONE = { whole: false, stream: true };

function error(code: ErrorCode): Outcome {
  return { kind: "error", code };
}

const BROKEN = error("BACKEND_ERROR");
const LATE = error("BACKEND_TIMEOUT");
const ODD = error("UPSTREAM_SHAPE_MISMATCH");
const WRONG = error("VALIDATION_ERROR");
const TOO_LONG = error("CONTEXT_LENGTH_EXCEEDED");
const FILTERED = error("CONTENT_FILTERED");
const LIMITED = error("BACKEND_RATE_LIMITED");
const TOLD: Outcome = { kind: "error", code: "BACKEND_RATE_LIMITED", retryAfter: 7 };
const CUT: Outcome = { kind: "cut", code: "BACKEND_ERROR" };
const CUT_LATE: Outcome = { kind: "cut", code: "BACKEND_TIMEOUT" };

type Row = readonly [
  name: string,
  does: string,
  whole: Outcome,
  stream: Outcome,
  rescued: FormatFault["rescued"],
  deadlines?: Partial<Deadlines>,
];

const ROWS: readonly Row[] = [
  ["right", "answers", ANSWER, ANSWER, NEITHER],
  ["refused", "finds the request wrong", WRONG, WRONG, NEITHER],
  ["too-long", "finds the prompt too long", TOO_LONG, TOO_LONG, NEITHER],
  ["filtered", "refuses the prompt for its content", FILTERED, FILTERED, NEITHER],
  ["stranger", "does not know the gateway's credentials", BROKEN, BROKEN, BOTH],
  ["forbidden", "forbids the call", BROKEN, BROKEN, BOTH],
  ["no-model", "knows no such model", BROKEN, BROKEN, BOTH],
  ["limited", "takes no more calls for seven seconds", TOLD, TOLD, BOTH],
  ["limited-200", "takes no more, and says so with status 200 or as the first event", LIMITED, LIMITED, BOTH],
  ["failing", "fails", BROKEN, BROKEN, BOTH],
  ["away", "is overloaded", BROKEN, BROKEN, BOTH],
  ["late", "gives up waiting for itself", LATE, LATE, BOTH],
  ["redirects", "sends elsewhere", ODD, ODD, BOTH],
  ["web-page", "answers with a web page", ODD, ODD, BOTH],
  ["empty", "answers nothing", ODD, BROKEN, BOTH],
  ["no-content", "begins a stream and ends it without content", ANSWER, BROKEN, STREAM_ALONE],
  ["resets", "resets the connection before it answers", BROKEN, BROKEN, BOTH],
  ["breaks-early", "closes the connection before its first content", BROKEN, BROKEN, BOTH],
  ["breaks", "closes the connection in the middle", BROKEN, CUT, WHOLE_ALONE],
  ["silent", "says nothing at all", LATE, LATE, BOTH, { first_byte: 400, idle: 400, total: 800 }],
  ["stalls", "falls silent in the middle", LATE, CUT_LATE, WHOLE_ALONE, { idle: 1_000 }],
  ["no-end", "ends in good order without a reason", ANSWER, CUT, NEITHER],
  ["half-event", "ends in the middle of its last event", ODD, CUT, WHOLE_ALONE],
  ["error-late", "fails in the middle of a stream", ANSWER, CUT, NEITHER],
  ["odd-event", "has an event in the middle that is none", ANSWER, ANSWER, NEITHER],
  ["odd-reason", "ends for a reason that nobody knows", ODD_END, ODD_END, NEITHER],
  ["whole-for-stream", "answers whole where a stream was asked for", ANSWER, ANSWER, NEITHER],
  ["no-usage", "reports no usage", ANSWER, ANSWER, NEITHER],
  ["odd-usage", "reports a usage that cannot be", ANSWER, ANSWER, NEITHER],
  ["error-behind", "fails behind the reason for its end", ANSWER, ANSWER, NEITHER],
  ["silent-behind", "falls silent behind the reason for its end", ANSWER, ANSWER, NEITHER],
];

/** The faults of which each format has its own words, and those it could take for an answer. */
export const FORMAT_FAULTS: readonly FormatFault[] = ROWS.map(
  ([name, does, whole, stream, rescued, deadlines], i) => ({
    number: `F${String(i + 1).padStart(2, "0")}`,
    name,
    does,
    whole,
    stream,
    rescued,
    ...(deadlines && { deadlines }),
  }),
);

/** What the caller gets, with a second backend that is well or without one. */
export function outcomeOf(fault: FormatFault, form: "whole" | "stream", backends: number): Outcome {
  return backends === 2 && fault.rescued[form] ? ANSWER : fault[form];
}

/** Kept connections that the provider has given up: met by the second of several calls. */
export const KEPT_FAULTS = [
  { keeping: "drops", does: "closes a kept connection without a word once it has answered" },
  { keeping: "resets-on-reuse", does: "resets a kept connection when the next request comes" },
] as const;
