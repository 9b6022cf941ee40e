import type { ChatMessage, ContentPart, ToolCall } from "../../core/chat.ts";
import { argumentsOf } from "../call-arguments.ts";
import { MADE_ID_PREFIX } from "./calls.ts";
import { type Part, partOf, responseOf } from "./parts.ts";
import { type ReadSignature, readSignature } from "./signature.ts";

/** One turn. Format: Gemini API reference, "Content". */
export interface Content {
  readonly role: "user" | "model";
  readonly parts: Part[];
}

/** A conversation in this format. */
export interface Contents {
  readonly contents: readonly Content[];
  readonly system: readonly Part[];
}

/**
 * Taken in place of a signature by models that demand one with each step's first call: the history came from another
 * model, or through a client that drops what it does not know. Documented with "Thought signatures".
 */
const NO_SIGNATURE = "skip_thought_signature_validator";

/** `demandsSignatures`: whether the model refuses calls of its own without a signature. */
export function contentsOf(messages: readonly ChatMessage[], demandsSignatures: boolean): Contents {
  const contents: Content[] = [];
  const system: Part[] = [];
  const names = new Map<string, string>();
  const say = (role: Content["role"], parts: readonly Part[]): void => {
    const last = contents.at(-1);
    // Turns alternate, and the results of parallel calls must stand in one.
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) contents.push({ role, parts: [...parts] });
  };
  for (const message of messages) {
    switch (message.role) {
      case "system":
      case "developer":
        system.push(...partsOf(message.content));
        break;
      case "user":
        say("user", partsOf(message.content));
        break;
      case "assistant":
        for (const { id, function: fn } of message.tool_calls ?? []) names.set(id, fn.name);
        say("model", modelParts(message, demandsSignatures));
        break;
      case "tool":
        say("user", resultParts(message, names));
    }
  }
  // A prompt of nothing but instructions is asked, for without a turn there is nothing to answer.
  if (contents.length === 0) return { contents: [{ role: "user", parts: system }], system: [] };
  return { contents, system };
}

function partsOf(content: ChatMessage["content"]): readonly Part[] {
  if (typeof content === "string") return content === "" ? [] : [{ text: content }];
  return (content ?? []).map(partOf);
}

/** The text of a message, and what it holds beside text. */
function split(content: ChatMessage["content"]): {
  readonly text: string;
  readonly media: readonly ContentPart[];
} {
  if (typeof content === "string") return { text: content, media: [] };
  const parts = content ?? [];
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return { text, media: parts.filter((part) => part.type !== "text") };
}

/** An earlier answer, each signature on the part that it came with. */
function modelParts(message: ChatMessage, demandsSignatures: boolean): readonly Part[] {
  const { text } = split(message.content);
  const calls = message.tool_calls ?? [];
  const parts: Part[] = [];
  const told = { text: 0, calls: 0 };
  const isSigned = calls.some((call) => signatureOf(call) !== undefined);
  const tellUpTo = (textEnd: number, callsEnd: number): void => {
    if (textEnd > told.text) parts.push({ text: text.slice(told.text, textEnd) });
    told.text = Math.max(told.text, textEnd);
    for (const call of calls.slice(told.calls, callsEnd)) {
      const stand = demandsSignatures && !isSigned && call === calls[0] ? NO_SIGNATURE : undefined;
      parts.push(callPart(call, stand));
    }
    told.calls = Math.max(told.calls, callsEnd);
  };
  for (const one of message.opaque ?? []) {
    const read = readSignature(one);
    if (read === undefined) continue;
    const at = one.at ?? { text: 0, calls: 0 };
    const end = Math.min(Math.max(at.text, told.text), text.length);
    const from = Math.max(end - lengthOf(read), told.text);
    tellUpTo(from, Math.min(at.calls, calls.length));
    parts.push(signedPart(read, text.slice(from, end)));
    told.text = end;
  }
  tellUpTo(text.length, calls.length);
  return parts;
}

function lengthOf({ of }: ReadSignature): number {
  return of !== undefined && "textLength" in of ? of.textLength : 0;
}

function signedPart({ signature, of }: ReadSignature, text: string): Part {
  const isThought = of !== undefined && "thought" in of;
  return isThought
    ? { text: of.thought, thought: true, thoughtSignature: signature }
    : { text, thoughtSignature: signature };
}

function callPart(call: ToolCall, standIn: string | undefined): Part {
  const { id, function: fn } = call;
  const signature = signatureOf(call) ?? standIn;
  return {
    functionCall: { ...sentId(id), name: fn.name, args: argumentsOf(fn.arguments) },
    ...(signature !== undefined && { thoughtSignature: signature }),
  };
}

function signatureOf({ opaque }: ToolCall): string | undefined {
  return (opaque ?? []).map((one) => readSignature(one)?.signature).find((found) => found !== undefined);
}

function resultParts(message: ChatMessage, names: ReadonlyMap<string, string>): readonly Part[] {
  const id = message.tool_call_id ?? "";
  const { text, media } = split(message.content);
  const name = names.get(id) ?? message.name ?? id;
  const response = responseOf(text, message.is_error === true);
  return [{ functionResponse: { ...sentId(id), name, response } }, ...media.map(partOf)];
}

/** Ids that were made up are not the API's: it goes by names and order then. */
function sentId(id: string): { readonly id?: string } {
  return id.startsWith(MADE_ID_PREFIX) ? {} : { id };
}
