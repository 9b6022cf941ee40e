import type { UpstreamDialect } from "../core/dialect.ts";
import { anthropicMessages } from "../dialects/anthropic-messages/anthropic-messages.ts";
import { bedrockConverse } from "../dialects/bedrock-converse/bedrock-converse.ts";
import { cohere } from "../dialects/cohere/cohere.ts";
import { gemini } from "../dialects/gemini/gemini.ts";
import { openaiChat } from "../dialects/openai-chat/openai-chat.ts";
import { openaiResponses } from "../dialects/openai-responses/openai-responses.ts";

/** Every wire format that upstreams may speak. */
export const UPSTREAM_DIALECTS: readonly UpstreamDialect[] = [
  openaiChat,
  openaiResponses,
  anthropicMessages,
  gemini,
  bedrockConverse,
  cohere,
];
