import { headOf, tokensOfBytes, BYTES_PER_TOKEN } from "./tokens.ts";

/** One piece of an answer, about a word; what a stream sends at once. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  /** A tool call begins; `call` is its position. */
  | { readonly kind: "call"; readonly call: number; readonly text: string }
  | { readonly kind: "arguments"; readonly call: number; readonly text: string };

export interface Answer {
  readonly pieces: readonly Piece[];
  readonly finish: "stop" | "length" | "tool_calls";
}

const ARGUMENT_PIECE = /[\s\S]{1,12}/gu;

/** An answer in words, ended by the first stop sequence in it. */
export function textAnswer(text: string, stop: readonly string[]): Answer {
  const ends = stop.map((sequence) => text.indexOf(sequence)).filter((at) => at >= 0);
  const kept = text.slice(0, Math.min(text.length, ...ends));
  const words = kept === "" ? [] : kept.split(/(?<=\s)(?=\S)/);
  return { pieces: words.map((word) => ({ kind: "text", text: word })), finish: "stop" };
}

/** An answer that calls tools. `args` is JSON text. */
export function toolAnswer(calls: readonly { readonly name: string; readonly args: string }[]): Answer {
  const pieces: Piece[] = [];
  for (const [call, { name, args }] of calls.entries()) {
    pieces.push({ kind: "call", call, text: name });
    for (const text of args.match(ARGUMENT_PIECE) ?? []) pieces.push({ kind: "arguments", call, text });
  }
  return { pieces, finish: "tool_calls" };
}

/** The answer within a number of tokens: finished by `length` where it is longer. */
export function limited(answer: Answer, tokensMax: number | undefined): Answer {
  if (tokensMax === undefined || answerTokens(answer) <= tokensMax) return answer;
  let bytesLeft = tokensMax * BYTES_PER_TOKEN;
  const pieces: Piece[] = [];
  for (const piece of answer.pieces) {
    const text = headOf(piece.text, bytesLeft);
    // Half a tool's name would be another tool.
    if (text !== "" && (piece.kind !== "call" || text === piece.text)) pieces.push({ ...piece, text });
    if (text !== piece.text) break;
    bytesLeft -= Buffer.byteLength(text);
  }
  return { pieces, finish: "length" };
}

/** Tokens of one choice. */
export function answerTokens(answer: Answer): number {
  let bytes = 0;
  for (const piece of answer.pieces) bytes += Buffer.byteLength(piece.text);
  return tokensOfBytes(bytes);
}
