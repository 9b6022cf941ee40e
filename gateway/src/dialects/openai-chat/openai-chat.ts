import type { UpstreamDialect } from "../../core/dialect.ts";
import { classifyHttp } from "./fault.ts";
import { refuse } from "./refuse.ts";
import { build } from "./request.ts";
import { decodeAnswer } from "./response.ts";
import { OpenAiChatStreamDecoder } from "./stream.ts";

/**
 * OpenAI's chat completions, and the many servers that speak it with deviations of their own.
 * Format: OpenAI API reference, "Chat Completions".
 */
export const openaiChat: UpstreamDialect = {
  name: "openai-chat",
  refuse,
  build,
  decodeAnswer,
  streamDecoder: () => new OpenAiChatStreamDecoder(),
  classify: classifyHttp,
};
