import type { ErrorCode } from "../../../src/errors.ts";

/** What a caller gets: the whole answer, an ordinary error, or an error event after content. */
export type Outcome =
  | { readonly kind: "answer"; readonly finish: string }
  | { readonly kind: "error"; readonly code: ErrorCode }
  | { readonly kind: "cut"; readonly code: ErrorCode };

/** One way in which a provider fails that is told in its own format. */
export interface FormatFault {
  /** Also the model's name at the provider, by which it knows what to do. */
  readonly name: string;
  /** To complete "a provider that …". */
  readonly does: string;
  /** With one backend, asked for a whole answer and for a stream. */
  readonly whole: Outcome;
  readonly stream: Outcome;
  /** Whether a second backend gives the answer in its place; of a stream only while nothing has gone down. */
  readonly rescued: { readonly whole: boolean; readonly stream: boolean };
}

const ANSWER: Outcome = { kind: "answer", finish: "stop" };
const BOTH = { whole: true, stream: true };
const NEITHER = { whole: false, stream: false };
const WHOLE_ALONE = { whole: true, stream: false };

function error(code: ErrorCode): Outcome {
  return { kind: "error", code };
}

function cut(code: ErrorCode): Outcome {
  return { kind: "cut", code };
}

function row(
  name: string,
  does: string,
  whole: Outcome,
  stream: Outcome,
  rescued: FormatFault["rescued"],
): FormatFault {
  return { name, does, whole, stream, rescued };
}

const BROKEN = error("BACKEND_ERROR");
const ODD = error("UPSTREAM_SHAPE_MISMATCH");
const LIMITED = error("BACKEND_RATE_LIMITED");

/** The faults of which each format has its own words, and those it could take for an answer. */
export const FORMAT_FAULTS: readonly FormatFault[] = [
  row("right", "answers", ANSWER, ANSWER, NEITHER),
  row("refused", "finds the request wrong", error("VALIDATION_ERROR"), error("VALIDATION_ERROR"), NEITHER),
  row(
    "too-long",
    "finds the prompt too long",
    error("CONTEXT_LENGTH_EXCEEDED"),
    error("CONTEXT_LENGTH_EXCEEDED"),
    NEITHER,
  ),
  row(
    "filtered",
    "refuses the prompt for its content",
    error("CONTENT_FILTERED"),
    error("CONTENT_FILTERED"),
    NEITHER,
  ),
  row("stranger", "does not know the gateway's credentials", BROKEN, BROKEN, BOTH),
  row("limited", "takes no more calls", LIMITED, LIMITED, BOTH),
  row("limited-200", "says so with status 200, or as the first event", LIMITED, LIMITED, BOTH),
  row("failing", "fails", BROKEN, BROKEN, BOTH),
  row("away", "is overloaded", BROKEN, BROKEN, BOTH),
  row("redirects", "sends elsewhere", ODD, ODD, BOTH),
  row("web-page", "answers with a web page", ODD, ODD, BOTH),
  row("empty", "answers nothing", ODD, BROKEN, BOTH),
  row("resets", "resets the connection before it answers", BROKEN, BROKEN, BOTH),
  row("breaks", "closes the connection in the middle", BROKEN, cut("BACKEND_ERROR"), WHOLE_ALONE),
  row("no-end", "ends in good order without a reason", ANSWER, cut("BACKEND_ERROR"), NEITHER),
  row("half-event", "ends in the middle of its last event", ODD, cut("BACKEND_ERROR"), WHOLE_ALONE),
  row("error-late", "fails in the middle of a stream", ANSWER, cut("BACKEND_ERROR"), NEITHER),
  row("odd-event", "has an event in the middle that is none", ANSWER, ANSWER, NEITHER),
  row(
    "odd-reason",
    "ends for a reason that nobody knows",
    { kind: "answer", finish: "error" },
    { kind: "answer", finish: "error" },
    NEITHER,
  ),
  row("no-usage", "reports no usage", ANSWER, ANSWER, NEITHER),
  row("odd-usage", "reports a usage that cannot be", ANSWER, ANSWER, NEITHER),
];
