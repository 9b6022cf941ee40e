import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { Issue } from "../../core/dialect.ts";
import { mustBe, tell } from "../chat-completions/check.ts";
import { readChatRequest, type ReadRequest } from "../chat-completions/request.ts";

/** A field that a chat cannot honour, and that would change the answer without anyone noticing if it were dropped. */
interface RefusedField {
  readonly field: string;
  /** Values that ask for nothing. Absent and null always pass. */
  readonly asksNothing?: (value: unknown, body: JsonObject) => boolean;
  readonly message: string;
}

const isFalse = (value: unknown): boolean => value === false;
const OF_CHATS = "belongs to a chat: ask for it there";

/** What of OpenAI's older completions no chat model can do. */
const REFUSED_FIELDS: readonly RefusedField[] = [
  { field: "suffix", message: "is not possible: chat models go on after a prompt, they fill no gaps" },
  {
    field: "echo",
    asksNothing: isFalse,
    message: "is not possible: put the prompt before the text yourself",
  },
  {
    field: "best_of",
    asksNothing: (value, { n }) => value === (n ?? 1),
    message: "must be the same as n: answers that are thrown away cost as much as those that are kept",
  },
  {
    field: "logprobs",
    asksNothing: isFalse,
    message: "are not told in this form: ask for them in a chat, by logprobs and top_logprobs",
  },
  { field: "messages", message: "belongs to a chat: this endpoint takes a prompt" },
  { field: "tools", message: OF_CHATS },
  { field: "tool_choice", message: OF_CHATS },
  { field: "functions", message: OF_CHATS },
  { field: "function_call", message: OF_CHATS },
];
const REFUSED_NAMES: ReadonlySet<string> = new Set(REFUSED_FIELDS.map(({ field }) => field));

/**
 * Reads what asks for a text to go on after a prompt: a chat of one message. Fields of a chat mean the same here;
 * those it does not know are passed on.
 */
export function readCompletionRequest(body: unknown): ReadRequest {
  if (!isObject(body)) return { issues: [{ field: "body", message: "must be a JSON object" }] };
  const issues: Issue[] = [];
  const content = readPrompt(body["prompt"], issues);
  for (const { field, asksNothing, message } of REFUSED_FIELDS) {
    const value = body[field];
    if (value === undefined || value === null || asksNothing?.(value, body) === true) continue;
    tell(issues, field, message);
  }
  const chat = Object.entries(body).filter(([key]) => key !== "prompt" && !REFUSED_NAMES.has(key));
  const read = readChatRequest({ ...Object.fromEntries(chat), messages: [{ role: "user", content }] });
  return issues.length === 0 ? read : { issues: [...issues, ...(read.issues ?? [])] };
}

/** The text of a prompt. Of a list of prompts each would need an answer, and a price, of its own. */
function readPrompt(prompt: unknown, issues: Issue[]): string {
  const only: unknown = isList(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  if (typeof only === "string") {
    if (only === "") tell(issues, "prompt", "must not be empty");
    return only;
  }
  if (isTokens(prompt) || isTokens(only)) {
    tell(issues, "prompt", "must be text: the numbers of tokens mean something else to every model");
  } else if (isList(prompt) && prompt.length > 1) {
    tell(issues, "prompt", `must be one prompt: send ${prompt.length} requests, side by side if you like`);
  } else mustBe("a string", prompt ?? undefined, "prompt", issues);
  return "";
}

function isTokens(prompt: unknown): boolean {
  return isList(prompt) && prompt.length > 0 && prompt.every((token) => typeof token === "number");
}
