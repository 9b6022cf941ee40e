import type { ChatEvent } from "../../../src/core/chat.ts";
import type { AnswerHead, AnswerMeta, DoorDialect } from "../../../src/core/dialect.ts";
import { sseBytes } from "../../../src/base/sse.ts";
import type { Usage } from "../../../src/core/usage.ts";
import type { UpstreamDialect } from "../../../src/core/dialect.ts";
import { UpstreamStream } from "../../../src/inference/upstream-stream.ts";
import { scriptedReply } from "../scripted-reply.ts";

const HEAD: AnswerHead = { id: "chatcmpl-1", model: "acme/model", created: 1, includeUsage: true };
const META: AnswerMeta = { request_id: "req_1", latency_ms: 1 };
const TELLER = { credentials: {}, simulated: false };

/** The text a door makes of a whole answer of an upstream: passed on where the two speak one format. */
export function wholeThrough(door: DoorDialect, dialect: UpstreamDialect, body: string): string {
  const parsed = JSON.parse(body) as Record<string, unknown>;
  const answer = dialect.decodeAnswer(parsed);
  const usage = answer.usage ?? {};
  const raw = { text: body, body: parsed };
  const passed = door.passes === dialect.name ? door.passAnswer?.(raw, answer, usage, HEAD) : undefined;
  return passed ?? JSON.stringify(door.encodeAnswer(answer, usage, HEAD, META));
}

/** The bytes a door makes of an upstream's stream. */
export async function streamThrough(
  door: DoorDialect,
  dialect: UpstreamDialect,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const keepsFrames = door.passes === dialect.name;
  const source = new UpstreamStream(scriptedReply(bytes), dialect, TELLER, { choicesAsked: 1, keepsFrames });
  const encoder = door.streamEncoder(HEAD);
  let usage: Usage = {};
  let text = "";
  const take = (event: ChatEvent): void => {
    if (event.type === "usage") usage = event.usage;
    text += encoder.event(event);
  };
  for (let events = await source.next(); events; events = await source.next()) events.forEach(take);
  return sseBytes(text + encoder.final(usage, META));
}
