import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { nonEmpty } from "../text.ts";

/** A stretch of an answer's content. */
export interface ContentPiece {
  readonly type: "text" | "reasoning";
  readonly text: string;
}

/** What a message or a delta says, in order. */
export interface SaidContent {
  readonly pieces: readonly ContentPiece[];
  /** Parts that were left out, for the trace. */
  readonly skipped: readonly string[];
}

const NOTHING: readonly never[] = [];

/**
 * Reads the reasoning and the content of a message or delta. Reasoning goes by two names (`reasoning_content`:
 * DeepSeek, xAI, Moonshot, Qwen; `reasoning`: Groq, OpenRouter, vLLM), and some send both with the same text;
 * content may be parts, of which Mistral's `thinking` parts hold reasoning.
 */
export function readContent(message: JsonObject): SaidContent {
  const content = message["content"];
  const reasoning = nonEmpty(message["reasoning_content"]) ?? nonEmpty(message["reasoning"]);
  const thought: readonly ContentPiece[] =
    reasoning === undefined ? NOTHING : [{ type: "reasoning", text: reasoning }];
  if (typeof content === "string") {
    if (content === "") return { pieces: thought, skipped: NOTHING };
    const said: ContentPiece = { type: "text", text: content };
    return { pieces: thought === NOTHING ? [said] : [...thought, said], skipped: NOTHING };
  }
  if (content === undefined || content === null) return { pieces: thought, skipped: NOTHING };
  if (!isList(content)) return { pieces: thought, skipped: ["content is neither a string nor a list"] };
  return readParts(content, thought);
}

function readParts(parts: readonly unknown[], before: readonly ContentPiece[]): SaidContent {
  const pieces: ContentPiece[] = [...before];
  const skipped: string[] = [];
  for (const part of parts) {
    const read = readPart(part);
    if (read === undefined) skipped.push(`content part of type ${typeOf(part)}`);
    else if (read.text !== "") pieces.push(read);
  }
  return { pieces, skipped };
}

function readPart(part: unknown): ContentPiece | undefined {
  if (typeof part === "string") return { type: "text", text: part };
  if (!isObject(part)) return undefined;
  const text = part["text"];
  if (part["type"] === "text" && typeof text === "string") return { type: "text", text };
  if (part["type"] !== "thinking") return undefined;
  return { type: "reasoning", text: thinkingText(part["thinking"]) };
}

function thinkingText(thinking: unknown): string {
  if (typeof thinking === "string") return thinking;
  if (!isList(thinking)) return "";
  return thinking.map((inner) => (isObject(inner) ? (nonEmpty(inner["text"]) ?? "") : "")).join("");
}

function typeOf(part: unknown): string {
  const type = isObject(part) ? part["type"] : undefined;
  return typeof type === "string" ? JSON.stringify(type.slice(0, 40)) : "unknown";
}
