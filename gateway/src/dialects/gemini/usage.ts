import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { type Usage, type UsageBucket, UNBELIEVED_USAGE } from "../../core/usage.ts";
import { countIn, countOf, Shares } from "../usage-counts.ts";

const REPORT_CHARS_MAX = 200;

/**
 * Maps `usageMetadata` onto disjoint buckets: cached tokens stand inside the prompt, what tools brought in and the
 * thoughts outside prompt and candidates. Counts of zero are left out by the API. Undefined when there is no prompt,
 * as in the first events of a stream, or the counts cannot be believed.
 */
export function readUsage(wire: unknown): Usage | undefined {
  if (!isObject(wire)) return undefined;
  const prompt = countOf(wire["promptTokenCount"]);
  const answer = optionalCount(wire["candidatesTokenCount"]);
  if (prompt === undefined || prompt === 0 || answer === undefined) return undefined;
  const usage: Partial<Record<UsageBucket, number>> = {};
  readInput(wire, prompt + countIn(wire, "toolUsePromptTokenCount"), usage);
  const thoughts = countIn(wire, "thoughtsTokenCount");
  const shares = new Shares(answer + thoughts, usage);
  shares.take("output_reasoning", thoughts);
  shares.take("output_audio", audioIn(wire["candidatesTokensDetails"]));
  shares.rest("output");
  return usage;
}

/** Why a report is not taken at its word, for the trace; undefined when it is, and when it reports nothing yet. */
export function usageProblem(wire: unknown): string | undefined {
  if (!isObject(wire) || readUsage(wire) !== undefined) return undefined;
  if (!wire["promptTokenCount"] && !wire["candidatesTokenCount"]) return undefined;
  return `${UNBELIEVED_USAGE}: ${JSON.stringify(wire).slice(0, REPORT_CHARS_MAX)}`;
}

function readInput(wire: JsonObject, total: number, usage: Partial<Record<UsageBucket, number>>): void {
  const shares = new Shares(total, usage);
  const audio = audioIn(wire["promptTokensDetails"]) + audioIn(wire["toolUsePromptTokensDetails"]);
  shares.take("input_cached_read", countIn(wire, "cachedContentTokenCount"));
  // Audio that was cached is charged as cached.
  shares.take("input_audio", Math.max(audio - audioIn(wire["cacheTokensDetails"]), 0));
  shares.rest("input");
}

function optionalCount(value: unknown): number | undefined {
  return value === undefined ? 0 : countOf(value);
}

function audioIn(details: unknown): number {
  if (!isList(details)) return 0;
  const audio = details.find((one) => isObject(one) && one["modality"] === "AUDIO");
  return countIn(audio, "tokenCount");
}
