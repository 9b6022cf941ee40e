import type { AnswerMessage, ChatAnswer, ChatEvent, Opaque, ToolCall } from "./chat.ts";

const IN_FRONT = { text: 0, calls: 0 };

/** What stands in the text and between the tool calls of a message, in the order of the message. */
type Piece = Extract<ChatEvent, { type: "text" | "tool_call" | "opaque" }>;

/** A whole answer as the stream it could have been. */
export function eventsOf(answer: ChatAnswer): ChatEvent[] {
  const events: ChatEvent[] = [];
  if (answer.upstreamId !== undefined) events.push({ type: "upstream_id", id: answer.upstreamId });
  for (const { index, message, finish_reason, stop_detail } of answer.choices) {
    const { reasoning, refusal, extra } = message;
    if (reasoning !== undefined) events.push({ type: "reasoning", index, text: reasoning });
    events.push(...piecesOf(message, index));
    if (refusal !== undefined) events.push({ type: "refusal", index, text: refusal });
    if (extra !== undefined) events.push({ type: "extra", index, extra });
    const detail = stop_detail === undefined ? {} : { detail: stop_detail };
    events.push({ type: "finish", index, reason: finish_reason, ...detail });
  }
  if (answer.usage) events.push({ type: "usage", usage: answer.usage });
  return events;
}

/** Text, tool calls and opaque data of a message in its order: what is opaque stands where it says. */
export function piecesOf(message: AnswerMessage, index = 0): readonly Piece[] {
  const { tool_calls: calls = [], opaque = [] } = message;
  const said = message.content ?? "";
  const pieces: Piece[] = [];
  const told = { text: 0, calls: 0 };
  const tellUpTo = (textEnd: number, callsEnd: number): void => {
    if (textEnd > told.text) pieces.push({ type: "text", index, text: said.slice(told.text, textEnd) });
    told.text = Math.max(told.text, textEnd);
    for (; told.calls < Math.min(callsEnd, calls.length); told.calls++) {
      const call = calls[told.calls];
      if (call) pieces.push(pieceOfCall(call, told.calls, index));
    }
  };
  for (const one of opaque) {
    const { text, calls: before } = placeOf(one);
    tellUpTo(Math.min(text, said.length), before);
    pieces.push({ type: "opaque", index, opaque: one });
  }
  tellUpTo(said.length, calls.length);
  return pieces;
}

/** Where a piece of opaque data stands. */
export function placeOf({ at }: Opaque): NonNullable<Opaque["at"]> {
  return at ?? IN_FRONT;
}

function pieceOfCall(
  { id, function: fn, opaque }: NonNullable<AnswerMessage["tool_calls"]>[number],
  call: number,
  index: number,
): Piece {
  return {
    type: "tool_call",
    index,
    call,
    id,
    name: fn.name,
    arguments: fn.arguments,
    ...(opaque !== undefined && { opaque }),
  };
}

/** A choice while its events are put together. */
interface Building {
  content: string;
  reasoning: string;
  refusal: string;
  readonly calls: ToolCall[];
  readonly opaque: Opaque[];
  readonly extra: Record<string, unknown[]>;
  end?: Extract<ChatEvent, { type: "finish" }>;
}

/** The whole answer that a stream of events tells, for formats which tell both alike. */
export function answerOf(events: readonly ChatEvent[]): ChatAnswer {
  const choices = new Map<number, Building>();
  const skipped: string[] = [];
  let rest: Pick<ChatAnswer, "upstreamId" | "usage"> = {};
  for (const event of events) {
    if (event.type === "upstream_id") rest = { ...rest, upstreamId: event.id };
    else if (event.type === "usage") rest = { ...rest, usage: event.usage };
    else if (event.type === "skipped") skipped.push(event.reason);
    else if ("index" in event) take(event, choiceAt(choices, event.index));
  }
  return {
    ...rest,
    choices: [...choices].map(([index, choice]) => ({
      index,
      message: messageOf(choice),
      finish_reason: choice.end?.reason ?? "error",
      ...(choice.end?.detail && { stop_detail: choice.end.detail }),
    })),
    ...(skipped.length > 0 && { skipped }),
  };
}

function choiceAt(choices: Map<number, Building>, index: number): Building {
  const known = choices.get(index);
  if (known !== undefined) return known;
  const choice: Building = { content: "", reasoning: "", refusal: "", calls: [], opaque: [], extra: {} };
  choices.set(index, choice);
  return choice;
}

function take(event: Extract<ChatEvent, { index: number }>, choice: Building): void {
  switch (event.type) {
    case "text":
      choice.content += event.text;
      return;
    case "reasoning":
    case "refusal":
      choice[event.type] += event.text;
      return;
    case "tool_call":
      return takeCall(event, choice.calls);
    case "opaque":
      choice.opaque.push(event.opaque);
      return;
    case "extra":
      for (const [kind, items] of Object.entries(event.extra)) (choice.extra[kind] ??= []).push(...items);
      return;
    case "finish":
      choice.end = event;
  }
}

function takeCall(event: Extract<ChatEvent, { type: "tool_call" }>, calls: ToolCall[]): void {
  const { id = "", type, function: fn, opaque = [] }: Partial<ToolCall> = calls[event.call] ?? {};
  const said = { name: event.name ?? fn?.name ?? "", arguments: (fn?.arguments ?? "") + event.arguments };
  const both = [...opaque, ...(event.opaque ?? [])];
  calls[event.call] = {
    id: id || (event.id ?? ""),
    type: type ?? "function",
    function: said,
    ...(both.length > 0 && { opaque: both }),
  };
}

function messageOf({ content, reasoning, refusal, calls, opaque, extra }: Building): AnswerMessage {
  const saysElse = calls.length > 0 || refusal !== "";
  return {
    role: "assistant",
    content: content === "" && saysElse ? null : content,
    ...(reasoning !== "" && { reasoning }),
    ...(refusal !== "" && { refusal }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(opaque.length > 0 && { opaque }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}
