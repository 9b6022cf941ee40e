import type { FormatAct } from "../../fakes/format-upstream.ts";
import { cut, error, ANSWER, type Gets } from "./fault.ts";

/** What a provider of any format may do wrong, and what comes of it. */
export interface FormatFault {
  /** `F01` …: stable, people quote it. */
  readonly number: string;
  readonly act: FormatAct;
  /** What the provider does, to complete "the provider …". */
  readonly does: string;
  /** A whole answer with this backend alone; absent where only a stream can meet it. */
  readonly whole?: Gets;
  readonly stream: Gets;
  /** Whether a second backend saves the call. */
  readonly saved: boolean;
}

const FAILED = error("BACKEND_ERROR");
const SHAPE = error("UPSTREAM_SHAPE_MISMATCH");
const CUT = cut("BACKEND_ERROR", 1);

/** Faults of the answer, which every format tells in words of its own; those of the connection are told above. */
export const MESSAGES_FAULTS: readonly FormatFault[] = [
  {
    number: "F01",
    act: "reset",
    does: "resets the connection before it answers",
    whole: FAILED,
    stream: FAILED,
    saved: true,
  },
  {
    number: "F02",
    act: "close-in-body",
    does: "closes the connection in the middle of the answer",
    whole: FAILED,
    stream: FAILED,
    saved: true,
  },
  {
    number: "F03",
    act: "cut-in-body",
    does: "sends half an answer as if it were whole",
    whole: SHAPE,
    stream: FAILED,
    saved: true,
  },
  {
    number: "F04",
    act: "end-after",
    does: "ends a stream in good order, but without a reason to finish",
    stream: cut("BACKEND_ERROR", 2),
    saved: false,
  },
  {
    number: "F05",
    act: "error-after",
    does: "tells an error in the middle of a stream",
    stream: CUT,
    saved: false,
  },
  {
    number: "F06",
    act: "refuses-key",
    does: "refuses the gateway's credentials",
    whole: FAILED,
    stream: FAILED,
    saved: true,
  },
  { number: "F07", act: "forbids", does: "forbids the call", whole: FAILED, stream: FAILED, saved: true },
  {
    number: "F08",
    act: "knows-no-model",
    does: "knows no such model",
    whole: FAILED,
    stream: FAILED,
    saved: false,
  },
  {
    number: "F09",
    act: "bad-request",
    does: "refuses the request",
    whole: error("VALIDATION_ERROR"),
    stream: error("VALIDATION_ERROR"),
    saved: false,
  },
  {
    number: "F10",
    act: "too-long",
    does: "finds the prompt too long",
    whole: error("CONTEXT_LENGTH_EXCEEDED"),
    stream: error("CONTEXT_LENGTH_EXCEEDED"),
    saved: false,
  },
  {
    number: "F11",
    act: "filtered",
    does: "blocks the answer by its policy",
    whole: error("CONTENT_FILTERED"),
    stream: error("CONTENT_FILTERED"),
    saved: false,
  },
  {
    number: "F12",
    act: "rate-limited",
    does: "is asked too often",
    whole: error("BACKEND_RATE_LIMITED", [7, 7]),
    stream: error("BACKEND_RATE_LIMITED", [7, 7]),
    saved: true,
  },
  { number: "F13", act: "broken", does: "fails by itself", whole: FAILED, stream: FAILED, saved: true },
  { number: "F14", act: "overloaded", does: "is overloaded", whole: FAILED, stream: FAILED, saved: true },
  {
    number: "F15",
    act: "late",
    does: "gives up waiting for itself",
    whole: error("BACKEND_TIMEOUT"),
    stream: error("BACKEND_TIMEOUT"),
    saved: true,
  },
  { number: "F16", act: "redirect", does: "redirects", whole: SHAPE, stream: SHAPE, saved: true },
  {
    number: "F17",
    act: "web-page",
    does: "answers with a web page",
    whole: SHAPE,
    stream: SHAPE,
    saved: true,
  },
  {
    number: "F18",
    act: "error-inside",
    does: "answers 200 with an error inside",
    whole: FAILED,
    stream: FAILED,
    saved: true,
  },
  { number: "F19", act: "empty", does: "answers with nothing", whole: SHAPE, stream: FAILED, saved: true },
  { number: "F20", act: "no-content", does: "streams no content", stream: FAILED, saved: true },
  {
    number: "F21",
    act: "stray-event",
    does: "sends an event in between that nobody can read",
    stream: ANSWER,
    saved: true,
  },
  {
    number: "F22",
    act: "whole-for-stream",
    does: "answers whole where a stream was asked for",
    stream: ANSWER,
    saved: true,
  },
];
