import type { RecordedFormat } from "../recording.ts";
import { anthropicRecordings } from "./anthropic-messages.ts";
import { bedrockRecordings } from "./bedrock-converse.ts";
import { cohereRecordings } from "./cohere.ts";
import { geminiRecordings } from "./gemini.ts";
import { openaiChatRecordings } from "./openai-chat.ts";
import { openaiResponsesRecordings } from "./openai-responses.ts";

/** The wire formats that recorded answers are decoded from. */
export const FORMATS: readonly RecordedFormat[] = [
  anthropicRecordings,
  bedrockRecordings,
  cohereRecordings,
  geminiRecordings,
  openaiChatRecordings,
  openaiResponsesRecordings,
];
