import { isObject } from "../harness/json.ts";
import { tokensOf } from "./answers.ts";

/** What of a chat request decides the answer; read leniently, since what it is given is itself under test. */
export interface ChatAsked {
  readonly model: string;
  /** The body field `fake`. */
  readonly fake: string | undefined;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly maxTokens: number | undefined;
  readonly choices: number;
  /** UTF-8 bytes of the messages' text / 4, each message rounded up. */
  readonly promptTokens: number;
  /** The text of a final assistant message: the beginning of an answer to go on from. */
  readonly begun: string;
}

function textIn(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => (isObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
}

function begunIn(message: unknown): string {
  return isObject(message) && message["role"] === "assistant" ? textIn(message["content"]) : "";
}

function whole(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? Number(value) : undefined;
}

/** Reads a chat request; undefined when the body is not a JSON object with a model. */
export function readChat(body: unknown): ChatAsked | undefined {
  if (!isObject(body) || typeof body["model"] !== "string") return undefined;
  const options = body["stream_options"];
  const messages = Array.isArray(body["messages"]) ? body["messages"] : [];
  let promptTokens = 0;
  for (const message of messages) if (isObject(message)) promptTokens += tokensOf(textIn(message["content"]));
  return {
    model: body["model"],
    fake: typeof body["fake"] === "string" ? body["fake"] : undefined,
    stream: body["stream"] === true,
    includeUsage: isObject(options) && options["include_usage"] === true,
    maxTokens: whole(body["max_completion_tokens"]) ?? whole(body["max_tokens"]),
    choices: whole(body["n"]) ?? 1,
    promptTokens,
    begun: begunIn(messages.at(-1)),
  };
}
