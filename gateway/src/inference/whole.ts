import type { ChatAnswer } from "../core/chat.ts";
import type { AnswerMeta } from "../core/dialect.ts";
import type { Usage } from "../core/usage.ts";
import { ApiError } from "../errors.ts";
import type { Call } from "./call.ts";
import type { Door } from "./door.ts";
import type { Finish } from "./finish.ts";
import { READER_IDLE_SECONDS } from "./inbound.ts";
import type { Opened } from "./open.ts";
import type { Held } from "./stages/08-hold.ts";
import { endingOf } from "./ending.ts";
import type { Attempted } from "./stages/09-attempt.ts";

type Whole = Extract<Opened, { kind: "whole" }>;

/** What goes into `_meta` of an answer. */
export function answerMeta(held: Held): AnswerMeta {
  const { call, chosenMaxTokens } = held;
  return {
    request_id: call.requestId,
    latency_ms: Math.round(call.elapsedMs()),
    ...(chosenMaxTokens !== undefined && { max_tokens: chosenMaxTokens }),
    ...(call.dropped.length > 0 && { dropped: call.dropped }),
  };
}

/** Tells which backend answered, to callers who may know. */
export function nameBackend({ call, principal }: Held): void {
  if (principal.permissions.has("routing:view")) {
    call.answerHeaders["x-scaigrid-backend"] = call.progress.backendId;
  }
}

/** Relays a whole answer: settled in the journal before its first byte goes down. Throws ApiError. */
export async function relayWhole(
  held: Held,
  attempting: Promise<Attempted>,
  door: Door,
  finish: Finish,
): Promise<Response> {
  const { call } = held;
  let opened: Opened | undefined;
  try {
    ({ opened } = await attempting);
  } catch (error) {
    throw await unanswered(error, undefined, call, finish);
  }
  if (opened.kind !== "whole" || call.abortReason !== undefined) {
    throw await unanswered(new ApiError("INTERNAL_ERROR"), opened, call, finish);
  }
  const { answer, raw } = opened;
  call.delivered(contentBytes(answer));
  const settlement = await finish({ status: "completed", httpStatus: 200, reported: answer.usage });
  nameBackend(held);
  call.inbound.setIdleTimeout(READER_IDLE_SECONDS);
  const { answerHeaders: headers } = call;
  headers["content-type"] = "application/json; charset=utf-8";
  headers["cache-control"] = "no-store";
  return new Response(bodyOf(answer, raw, settlement.usage, held, door), { headers });
}

/** The upstream's own text where the door can pass it on, otherwise the answer in the door's words. */
function bodyOf(answer: ChatAnswer, raw: Whole["raw"], usage: Usage, held: Held, door: Door): string {
  const { call } = held;
  const head = call.head();
  const passed = raw && door.dialect.passAnswer?.(raw, answer, usage, head);
  return (
    passed ?? door.wrap(door.dialect.encodeAnswer(answer, usage, head, answerMeta(held)), call.requestId)
  );
}

/** Ends a call whose caller gets no answer, and gives what they are told instead. */
async function unanswered(
  error: unknown,
  opened: Opened | undefined,
  call: Call,
  finish: Finish,
): Promise<unknown> {
  if (opened?.kind === "whole" && call.isDraining && !call.hasEnded) {
    await drained(opened.answer, call, finish);
  }
  const ending = endingOf(error, call);
  await finish(ending);
  return ending.error ?? error;
}

/** The caller has left, but the answer was waited for: the upstream's word is what they pay. */
async function drained(answer: ChatAnswer, call: Call, finish: Finish): Promise<void> {
  call.drained(contentBytes(answer));
  call.mark("drained");
  await finish({ ...endingOf(undefined, call), reported: answer.usage });
}

/** UTF-8 bytes of what the caller gets to read; the base of an estimate where the upstream reports no usage. */
function contentBytes(answer: ChatAnswer): number {
  let bytes = 0;
  for (const { message } of answer.choices) {
    bytes += Buffer.byteLength(message.content ?? "") + Buffer.byteLength(message.reasoning ?? "");
    bytes += Buffer.byteLength(message.refusal ?? "");
    for (const { function: fn } of message.tool_calls ?? [])
      bytes += Buffer.byteLength(fn.name + fn.arguments);
  }
  return bytes;
}
