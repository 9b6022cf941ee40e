import type { DoorDialect } from "../../core/dialect.ts";
import { readCompletionRequest } from "../text-completions/request.ts";
import { encodeAnswer } from "./response.ts";
import { CompletionsStreamEncoder } from "./stream.ts";

/**
 * OpenAI's older completions, by a chat of one message.
 * Format: OpenAI API reference, "Completions".
 */
export const openaiCompletions: DoorDialect = {
  name: "openai-completions",
  parse: readCompletionRequest,
  encodeAnswer,
  streamEncoder: (head) => new CompletionsStreamEncoder(head),
};
