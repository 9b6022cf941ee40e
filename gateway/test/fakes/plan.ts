/**
 * What a fake upstream is asked to do, written as `fake-<behaviour>[?parameter=value&…]`, for instance
 * `fake-ok?tokens=50&ms=20` or `fake-reset?after=3&times=2`. It is read from the body field `fake`, else from the
 * header `x-fake`, else from the model name (the only one of the three that needs nothing of the gateway).
 */

export const USAGE_MODES = [
  "right",
  "unasked",
  "missing",
  "zero",
  "negative",
  "huge",
  "fractional",
  "string",
  "cached-over",
  "lying",
  "dense",
  "partial",
  "repeated",
] as const;
/** How tokens are reported; `unasked` sends them in streams that did not ask for them, `lying` ten times too many,
 * `dense` as a tokenizer does that makes two of one. */
export type UsageMode = (typeof USAGE_MODES)[number];

const PREFILLS = ["ignore", "continue", "echo", "refuse"] as const;
const FINISHES = ["stop", "length", "tool_calls", "content_filter"] as const;
const EOLS = { lf: "\n", crlf: "\r\n", cr: "\r" } as const;

export interface Plan {
  /** `ok`, or the name of a fault. */
  readonly behaviour: string;
  /** The whole text: requests with the same text are counted together for `times`. */
  readonly text: string;
  /** Content tokens to send; each is exactly four bytes of text. */
  readonly tokens: number;
  /** Milliseconds between tokens. */
  readonly ms: number;
  /** Milliseconds of silence before the headers. */
  readonly firstMs: number;
  /** Content tokens sent before a fault strikes. */
  readonly after: number;
  /** Only the first `times` of every `every` requests meet the fault; the others are `ok`. 0 = all of them. */
  readonly times: number;
  readonly every: number;
  /** Waits for this gate to be opened, before the headers or after `gateAfter` content tokens. */
  readonly gate: string | undefined;
  readonly gateAfter: number | undefined;
  /** A fault waits for this gate before it strikes. */
  readonly strikeGate: string | undefined;
  readonly usage: UsageMode;
  /** What it does with the beginning of an answer: answers anew, goes on from there, repeats it and goes on, refuses. */
  readonly prefill: (typeof PREFILLS)[number];
  /** Prompt tokens to report; undefined = bytes of the messages' text / 4, rounded up. */
  readonly prompt: number | undefined;
  readonly cached: number;
  /** Reasoning tokens sent before the content, in the field named by `reasoningField`. */
  readonly reasoning: number;
  readonly reasoningField: string;
  /** Tool calls instead of content, each with its arguments in `pieces` parts. */
  readonly tools: number;
  readonly pieces: number;
  readonly finish: (typeof FINISHES)[number] | undefined;
  readonly eol: string;
  /** `data: x` or `data:x`. */
  readonly space: boolean;
  readonly bom: boolean;
  readonly comments: boolean;
  readonly multiline: boolean;
  /** Tokens are one four-byte character each instead of four ASCII ones. */
  readonly utf8: boolean;
  /** Bytes per packet; 0 = as they come. */
  readonly packet: number;
  /** For `status`: the code and the Retry-After headers to send. */
  readonly code: number;
  readonly retryAfter: string | undefined;
  readonly retryAfterMs: string | undefined;
  readonly errorCode: string | undefined;
  readonly location: string;
  /** Size of what is large, in MB. */
  readonly mb: number;
  /** Milliseconds between the bytes of what is slow. */
  readonly slowMs: number;
}

/** A behaviour or parameter that does not exist: answered with 400, so that a typing error shows in the test. */
export class PlanError extends Error {
  override readonly name = "PlanError";
}

/** Takes parameters one by one, so that what is left over at the end is a mistake. */
class Parameters {
  readonly #values: Map<string, string>;

  constructor(query: string) {
    this.#values = new Map(new URLSearchParams(query));
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,12}$/.test(value)) throw new PlanError(`${name}=${value} is not a whole number`);
    return Number(value);
  }

  flag(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ["0", "1"], fallback ? "1" : "0") === "1";
  }

  oneOf<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value;
  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined;
  oneOf<Value extends string>(name: string, values: readonly Value[], fallback?: Value): Value | undefined {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const found = values.find((value) => value === text);
    if (found === undefined) throw new PlanError(`${name}=${text} is none of ${values.join(", ")}`);
    return found;
  }

  /** Throws PlanError when a parameter was never asked for. */
  finish(): void {
    const [unknown] = this.#values.keys();
    if (unknown !== undefined) throw new PlanError(`there is no parameter ${unknown}`);
  }
}

/** Reads a plan; a name that does not begin with `fake-` is an ordinary model. Throws PlanError. */
export function readPlan(text: string): Plan {
  const mark = text.indexOf("?");
  const name = mark === -1 ? text : text.slice(0, mark);
  if (!name.startsWith("fake-")) return readPlan("fake-ok");
  const p = new Parameters(mark === -1 ? "" : text.slice(mark + 1));
  const tools = p.integer("tools") ?? 0;
  const plan: Plan = {
    behaviour: name.slice("fake-".length),
    text,
    tools,
    tokens: p.integer("tokens") ?? (tools > 0 ? 0 : 8),
    ms: p.integer("ms") ?? 0,
    firstMs: p.integer("first_ms") ?? 0,
    after: p.integer("after") ?? 3,
    times: p.integer("times") ?? 0,
    every: p.integer("every") ?? Number.MAX_SAFE_INTEGER,
    gate: p.text("gate"),
    gateAfter: p.integer("gate_after"),
    strikeGate: p.text("strike_gate"),
    usage: p.oneOf("usage", USAGE_MODES, "right"),
    prefill: p.oneOf("prefill", PREFILLS, "ignore"),
    prompt: p.integer("prompt"),
    cached: p.integer("cached") ?? 0,
    reasoning: p.integer("reasoning") ?? 0,
    reasoningField: p.text("reasoning_field") ?? "reasoning_content",
    pieces: p.integer("pieces") ?? 4,
    finish: p.oneOf("finish", FINISHES),
    eol: EOLS[p.oneOf("eol", ["lf", "crlf", "cr"], "lf")],
    space: p.flag("space", true),
    bom: p.flag("bom", false),
    comments: p.flag("comments", false),
    multiline: p.flag("multiline", false),
    utf8: p.flag("utf8", false),
    packet: p.integer("packet") ?? 0,
    code: p.integer("code") ?? 500,
    retryAfter: p.text("retry_after"),
    retryAfterMs: p.text("retry_after_ms"),
    errorCode: p.text("error_code"),
    location: p.text("location") ?? "http://169.254.169.254/latest/meta-data/",
    mb: p.integer("mb") ?? 50,
    slowMs: p.integer("slow_ms") ?? 5000,
  };
  p.finish();
  return plan;
}
