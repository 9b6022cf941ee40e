import { isObject, type JsonObject } from "../../base/json.ts";
import { editMembers } from "../../base/json-members.ts";
import type { ChatAnswer, RawAnswer } from "../../core/chat.ts";
import type { AnswerHead } from "../../core/dialect.ts";
import { USAGE_BUCKETS, type Usage } from "../../core/usage.ts";
import { readUsage, writeUsage } from "../chat-completions/usage.ts";
import { isFaithfulAnswer } from "./faithful.ts";

/** The upstream's own text of a whole answer, with our id, the slug and the usage it was settled by. */
export function passAnswer(
  { text, body }: RawAnswer,
  answer: ChatAnswer,
  usage: Usage,
  head: AnswerHead,
): string | undefined {
  if (!isFaithfulAnswer(body, answer)) return undefined;
  const edits = new Map([
    ["id", JSON.stringify(head.id)],
    ["model", JSON.stringify(head.model)],
  ]);
  if (body["object"] !== "chat.completion") edits.set("object", `"chat.completion"`);
  if (body["created"] === undefined) edits.set("created", String(head.created));
  const said = body["usage"];
  if (!isPlainUsage(said, usage)) edits.set("usage", JSON.stringify(usageFrom(said, usage)));
  return editMembers(text, edits);
}

/** Whether an upstream's `usage` says what was settled where OpenAI's clients look for it. */
function isPlainUsage(said: unknown, settled: Usage): boolean {
  if (!isObject(said)) return false;
  const { prompt_tokens, completion_tokens, total_tokens, ...details } = writeUsage(settled);
  return (
    said["prompt_tokens"] === prompt_tokens &&
    said["completion_tokens"] === completion_tokens &&
    said["total_tokens"] === total_tokens &&
    DETAILS.every(({ of, names }) =>
      names.every((name) => countIn(said[of], name) === countIn(details[of], name)),
    )
  );
}

const DETAILS = [
  { of: "prompt_tokens_details", names: ["cached_tokens", "audio_tokens"] },
  { of: "completion_tokens_details", names: ["reasoning_tokens", "audio_tokens"] },
] as const;

function countIn(details: unknown, name: string): unknown {
  return isObject(details) ? (details[name] ?? 0) : 0;
}

/**
 * The usage that was settled, in OpenAI's words. What else the upstream counted stays beside it, where it meant the
 * same tokens by other names, as vendors do who count what was cached or thought in places of their own.
 */
function usageFrom(said: unknown, settled: Usage): object {
  if (!isObject(said) || !meansUsage(said, settled)) return writeUsage(settled);
  const told: JsonObject = { ...said, ...writeUsage(settled) };
  for (const { of } of DETAILS) {
    const both = [said[of], told[of]].filter(isObject);
    if (both.length === 2) told[of] = Object.assign({}, ...both);
  }
  return told;
}

function meansUsage(said: JsonObject, settled: Usage): boolean {
  const read = readUsage(said);
  return (
    read !== undefined && USAGE_BUCKETS.every((bucket) => (read[bucket] ?? 0) === (settled[bucket] ?? 0))
  );
}

/** What chunks of one answer have in common, as far as it is of use in a chunk without choices. */
const HEAD_MEMBERS = ["created", "service_tier", "system_fingerprint"] as const;

/** The chunk that tells the usage, made of the upstream's own where it sent one. */
export function usageChunk(source: JsonObject, usage: Usage, head: AnswerHead): string {
  const isOwn = Array.isArray(source["choices"]) && source["choices"].length === 0;
  const kept = isOwn ? source : Object.fromEntries(HEAD_MEMBERS.map((name) => [name, source[name]]));
  return JSON.stringify({
    ...kept,
    id: head.id,
    object: "chat.completion.chunk",
    created: source["created"] ?? head.created,
    model: head.model,
    choices: [],
    usage: isPlainUsage(source["usage"], usage) ? source["usage"] : usageFrom(source["usage"], usage),
  });
}

/** Whether a chunk tells a usage at all. */
export function tellsUsage(chunk: JsonObject): boolean {
  return isObject(chunk["usage"]);
}
