import type { DoorDialect } from "../../core/dialect.ts";
import { readChatRequest } from "../chat-completions/request.ts";
import { passAnswer } from "./pass.ts";
import { encodeAnswer } from "./response.ts";
import { OpenAiStreamEncoder } from "./stream.ts";

/**
 * OpenAI's chat completions as its clients speak it.
 * Format: OpenAI API reference, "Chat Completions".
 */
export const openaiDoor: DoorDialect = {
  name: "openai-door",
  parse: readChatRequest,
  passes: "openai-chat",
  passAnswer,
  encodeAnswer,
  streamEncoder: (head) => new OpenAiStreamEncoder(head),
};
