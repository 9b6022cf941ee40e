import type { Answer, Piece } from "./answer.ts";

/** What is the same in all parts of one answer. */
export interface Head {
  readonly id: string;
  readonly model: string;
  /** Epoch seconds. */
  readonly created: number;
}

/** Token counts in the wire's words. */
export interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** An error in OpenAI's form. */
export interface WireError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

export const DONE_FRAME = "data: [DONE]\n\n";

interface WireToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; arguments: string };
}

function toolCallId(head: Head, choice: number, call: number): string {
  return `call_${head.id.slice(-20)}_${choice}_${call}`;
}

/** One server-sent event holding a value. */
export function frame(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function chunk(head: Head, choices: readonly object[], rest: object = {}): string {
  return frame({ ...head, object: "chat.completion.chunk", choices, ...rest });
}

/** The event that opens one choice. */
export function openingFrame(head: Head, index: number): string {
  return chunk(head, [{ index, delta: { role: "assistant", content: "" }, finish_reason: null }]);
}

/** The event for one piece of one choice. */
export function pieceFrame(head: Head, index: number, piece: Piece): string {
  return chunk(head, [{ index, delta: deltaOf(head, index, piece), finish_reason: null }]);
}

function deltaOf(head: Head, index: number, piece: Piece): object {
  switch (piece.kind) {
    case "text":
      return { content: piece.text };
    case "call": {
      const id = toolCallId(head, index, piece.call);
      const opened = {
        index: piece.call,
        id,
        type: "function",
        function: { name: piece.text, arguments: "" },
      };
      return { tool_calls: [opened] };
    }
    case "arguments":
      return { tool_calls: [{ index: piece.call, function: { arguments: piece.text } }] };
  }
}

/** The event that finishes one choice. */
export function finishFrame(head: Head, index: number, answer: Answer): string {
  return chunk(head, [{ index, delta: {}, finish_reason: answer.finish }]);
}

/** The event that reports usage, where it was asked for. */
export function usageFrame(head: Head, usage: WireUsage): string {
  return chunk(head, [], { usage });
}

/** A whole answer as JSON text. */
export function wholeBody(head: Head, answer: Answer, choices: number, usage: WireUsage): string {
  return JSON.stringify({
    ...head,
    object: "chat.completion",
    choices: Array.from({ length: choices }, (_, index) => ({
      index,
      message: messageOf(head, index, answer.pieces),
      finish_reason: answer.finish,
    })),
    usage,
  });
}

function messageOf(head: Head, index: number, pieces: readonly Piece[]): object {
  let content: string | null = null;
  const calls: WireToolCall[] = [];
  for (const piece of pieces) {
    if (piece.kind === "text") content = (content ?? "") + piece.text;
    else if (piece.kind === "call") {
      const id = toolCallId(head, index, piece.call);
      calls.push({ id, type: "function", function: { name: piece.text, arguments: "" } });
    } else {
      const call = calls.at(-1);
      if (call !== undefined) call.function.arguments += piece.text;
    }
  }
  if (calls.length === 0) return { role: "assistant", content: content ?? "" };
  return { role: "assistant", content, tool_calls: calls };
}

/** The body of a refusal. */
export function errorBody(error: WireError): string {
  return JSON.stringify({ error });
}
