import type { AnswerMessage, ChatAnswer, ChatEvent, Opaque } from "./chat.ts";

const IN_FRONT = { text: 0, calls: 0 };

/** What stands in the text and between the tool calls of a message, in the order of the message. */
type Piece = Extract<ChatEvent, { type: "text" | "tool_call" | "opaque" }>;

/** A whole answer as the stream it could have been. */
export function eventsOf(answer: ChatAnswer): ChatEvent[] {
  const events: ChatEvent[] = [];
  if (answer.upstreamId !== undefined) events.push({ type: "upstream_id", id: answer.upstreamId });
  for (const { index, message, finish_reason, stop_detail } of answer.choices) {
    const { reasoning, refusal, extra, opaque = [] } = message;
    const isQuoted = reasoning !== undefined && opaque.map(thoughtIn).join("") === reasoning;
    if (reasoning !== undefined && !isQuoted) events.push({ type: "reasoning", index, text: reasoning });
    for (const piece of piecesOf(message, index)) {
      // Each thought in front of what signs it: a signature is of its own thought alone.
      const text = isQuoted && piece.type === "opaque" ? thoughtIn(piece.opaque) : "";
      if (text !== "") events.push({ type: "reasoning", index, text });
      events.push(piece);
    }
    if (refusal !== undefined) events.push({ type: "refusal", index, text: refusal });
    if (extra !== undefined) events.push({ type: "extra", index, extra });
    const detail = stop_detail === undefined ? {} : { detail: stop_detail };
    events.push({ type: "finish", index, reason: finish_reason, ...detail });
  }
  if (answer.usage) events.push({ type: "usage", usage: answer.usage });
  return events;
}

/** The thought that opaque data signs, where it quotes it. */
function thoughtIn({ data }: Opaque): string {
  const thought = data["thinking"];
  return typeof thought === "string" ? thought : "";
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
