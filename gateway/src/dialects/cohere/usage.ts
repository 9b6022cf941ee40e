import { isObject } from "../../base/json.ts";
import { type Usage, type UsageBucket, UNBELIEVED_USAGE } from "../../core/usage.ts";
import { countIn, countOf } from "../usage-counts.ts";

/**
 * What Cohere charges for: its billed units, in which the words it wraps a prompt in do not count, and nothing is
 * cheaper for having been cached. Where there are none, the tokens. Undefined when neither can be believed.
 */
export function readUsage(wire: unknown): Usage | undefined {
  if (!isObject(wire)) return undefined;
  return bucketsOf(wire["billed_units"]) ?? bucketsOf(wire["tokens"]);
}

function bucketsOf(counted: unknown): Usage | undefined {
  if (!isObject(counted)) return undefined;
  const input = countOf(counted["input_tokens"]);
  const output = countOf(counted["output_tokens"]);
  if (input === undefined || input === 0 || output === undefined) return undefined;
  const usage: Partial<Record<UsageBucket, number>> = { input };
  if (output > 0) usage.output = output;
  const searches = countIn(counted, "search_units");
  if (searches > 0) usage.search = searches;
  return usage;
}

/** Of what an upstream reported, as much as the trace tells. */
const REPORT_CHARS_MAX = 200;

/** Why a report is not taken at its word, for the trace; undefined where there is none. */
export function usageProblem(wire: unknown): string | undefined {
  if (!isObject(wire) || Object.keys(wire).length === 0) return undefined;
  return `${UNBELIEVED_USAGE}: ${JSON.stringify(wire).slice(0, REPORT_CHARS_MAX)}`;
}
