import type { ErrorCode } from "../../../src/errors.ts";

/** How the caller asked. */
export type Form = "whole" | "stream";

/** What the caller gets. */
export type Gets =
  /** The whole answer. `text` where it is not simply what the fake sent; `note` for people. */
  | { readonly kind: "answer"; readonly text?: string; readonly note?: string }
  /** An ordinary error; `retryAfter` is the least and the most seconds. */
  | { readonly kind: "error"; readonly code: ErrorCode; readonly retryAfter?: readonly [number, number] }
  /** A stream that began and ends with an error event after so many tokens. */
  | { readonly kind: "cut"; readonly code: ErrorCode; readonly tokens: number };

/**
 * What the caller is charged.
 * - `nothing`: nothing was delivered
 * - `reported`: the tokens the provider reported
 * - `capped`: the provider reported more than the request could cost: the most it could
 * - `estimated`: no believable report: input and output estimated from their bytes
 * - `delivered`: the answer was cut: the input, and the output that was delivered, estimated
 */
export type Charged = "nothing" | "reported" | "capped" | "estimated" | "delivered";

/** Milliseconds. */
export interface Deadlines {
  readonly connect: number;
  readonly first_byte: number;
  readonly idle: number;
  readonly total: number;
}

/** One way to meet a fault, with everything that must come of it. */
export interface Case {
  readonly form: Form;
  /** What the fault upstream is asked to do, or the name of a place that a suite prepares. */
  readonly plan: string;
  /** Whether content had gone down before the fault. */
  readonly after?: boolean;
  readonly gets: Gets;
  readonly charged: Charged;
  /** Calls that reach the provider, or try to. */
  readonly attempts: number;
  /** Of the backend; the suite's defaults are beyond what any case without deadlines takes. */
  readonly deadlines?: Partial<Deadlines>;
  /** Milliseconds after which the caller must have got it. */
  readonly withinMs?: number;
  /** The same call so many times, one after the other, each with the same outcome; `attempts` counts all of them. */
  readonly calls?: number;
  /** Answers to one prompt that are asked for; 1 unless given. */
  readonly n?: number;
  /** What the trace's timeline must tell. */
  readonly traced?: string;
}

export interface Fault {
  /** `U01` …: stable, people quote it. */
  readonly number: string;
  /** What the provider does, to complete "the provider …". */
  readonly does: string;
  readonly cases: readonly Case[];
}

export interface FaultGroup {
  readonly title: string;
  /** The suite, below `gateway/test`. */
  readonly test: string;
  readonly faults: readonly Fault[];
  /** What is to be known of them all, for people. */
  readonly note?: string;
}

type Rest = Partial<Omit<Case, "form" | "plan" | "gets">>;

/** The answer comes whole, and the provider's report is charged. */
export const ANSWER: Gets = { kind: "answer" };

/** An ordinary error. */
export function error(code: ErrorCode, retryAfter?: readonly [number, number]): Gets {
  return { kind: "error", code, ...(retryAfter && { retryAfter }) };
}

/** An error event after so many tokens. */
export function cut(code: ErrorCode, tokens = 3): Gets {
  return { kind: "cut", code, tokens };
}

const CHARGED: Readonly<Record<Gets["kind"], Charged>> = {
  answer: "reported",
  error: "nothing",
  cut: "delivered",
};

function caseOf(form: Form, plan: string, gets: Gets, rest: Rest): Case {
  return { form, plan, gets, charged: CHARGED[gets.kind], attempts: 1, ...rest };
}

/** Met by a call for a whole answer. */
export function whole(plan: string, gets: Gets, rest: Rest = {}): Case {
  return caseOf("whole", plan, gets, rest);
}

/** Met by a stream before its first content. */
export function stream(plan: string, gets: Gets, rest: Rest = {}): Case {
  return caseOf("stream", plan, gets, rest);
}

/** Met by a stream after content has gone down. */
export function after(plan: string, gets: Gets, rest: Rest = {}): Case {
  return caseOf("stream", plan, gets, { after: true, ...rest });
}

/** The same for a whole answer and for a stream that has not begun. */
export function both(plan: string, gets: Gets, rest: Rest = {}): readonly Case[] {
  return [whole(plan, gets, rest), stream(plan, gets, rest)];
}

const OWN_FAULTS: ReadonlySet<ErrorCode> = new Set([
  "VALIDATION_ERROR",
  "CONTENT_FILTERED",
  "CONTEXT_LENGTH_EXCEEDED",
]);

/** Whether a case is tried with a second backend: one that fails, at a provider of its own. */
export function metBySecond({ gets, calls, n }: Case): boolean {
  return gets.kind !== "answer" && calls === undefined && n === undefined;
}

/** What the caller gets where there is a second backend that is well. */
export function withSecond({ gets }: Case): Gets {
  return gets.kind === "error" && !OWN_FAULTS.has(gets.code) ? ANSWER : gets;
}
