import type { ChatMessage, ContentPart } from "../../core/chat.ts";
import { textOf, type SandboxRequest } from "./request.ts";

/** The sandbox's tokenizer: every four bytes of UTF-8 begin a token. */
export const BYTES_PER_TOKEN = 4;
const TOKENS_PER_MESSAGE = 4;
/** Flat, but never more than the part's own bytes would count: a tiny image is a tiny image. */
const IMAGE_TOKENS_MAX = 85;
const ATTACHMENT_TOKENS_MAX = 250;

/** Tokens in that many bytes. */
export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

function tokensOf(text: string): number {
  return tokensOfBytes(Buffer.byteLength(text));
}

function partTokens(part: ContentPart): number {
  switch (part.type) {
    case "text":
      return 0;
    case "image_url":
      return Math.min(IMAGE_TOKENS_MAX, tokensOf(part.image_url.url));
    case "input_audio":
      return Math.min(ATTACHMENT_TOKENS_MAX, tokensOf(part.input_audio.data));
    case "file":
      return Math.min(ATTACHMENT_TOKENS_MAX, tokensOf(JSON.stringify(part.file)));
  }
}

function messageTokens(message: ChatMessage): number {
  let tokens = TOKENS_PER_MESSAGE + tokensOf(textOf(message) + (message.name ?? ""));
  const { content } = message;
  if (typeof content === "object" && content !== null) {
    for (const part of content) tokens += partTokens(part);
  }
  for (const call of message.tool_calls ?? [])
    tokens += tokensOf(call.function.name + call.function.arguments);
  return tokens;
}

/** Tokens of the whole prompt: messages, their parts, and what the tools and the schema take. */
export function promptTokens(request: SandboxRequest): number {
  let tokens = 0;
  for (const message of request.messages) tokens += messageTokens(message);
  if (request.tools.length > 0) tokens += tokensOf(JSON.stringify(request.tools));
  if (request.responseFormat.type === "json_schema") {
    tokens += tokensOf(JSON.stringify(request.responseFormat.json_schema));
  }
  return tokens;
}

/** The longest beginning of `text` that has at most `bytes` bytes and cuts no character in two. */
export function headOf(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  // Continuation bytes are 10xxxxxx: step back to where a character begins.
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return encoded.toString("utf8", 0, end);
}
