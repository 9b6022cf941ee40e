import type { DoorReader } from "./door.ts";
import { anthropicReader } from "./anthropic.ts";
import { nativeReader } from "./native.ts";
import { openaiChatReader } from "./openai-chat.ts";
import { openaiResponsesReader } from "./openai-responses.ts";

/** The doors that recorded answers are told to, each read by the official package of its format. */
export const DOORS: readonly DoorReader[] = [
  anthropicReader,
  nativeReader,
  openaiChatReader,
  openaiResponsesReader,
];
