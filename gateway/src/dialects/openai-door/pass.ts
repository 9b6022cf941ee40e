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
  if (!saysUsage(body, usage)) edits.set("usage", JSON.stringify(writeUsage(usage)));
  return editMembers(text, edits);
}

/** Whether a body or chunk has a `usage` that says what was settled. */
export function saysUsage(body: JsonObject, settled: Usage): boolean {
  const said = readUsage(body["usage"]);
  return (
    said !== undefined && USAGE_BUCKETS.every((bucket) => (said[bucket] ?? 0) === (settled[bucket] ?? 0))
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
    usage: saysUsage(source, usage) ? source["usage"] : writeUsage(usage),
  });
}

/** Whether a chunk tells a usage at all. */
export function tellsUsage(chunk: JsonObject): boolean {
  return isObject(chunk["usage"]);
}
