import type { DoorDialect } from "../../core/dialect.ts";
import { passAnswer } from "./pass.ts";
import { readMessagesRequest } from "./request.ts";
import { encodeAnswer } from "./response.ts";
import { AnthropicStreamEncoder } from "./stream.ts";

/**
 * Anthropic's messages as its clients speak it.
 * Format: Claude API reference, "Messages".
 */
export const anthropicDoor: DoorDialect = {
  name: "anthropic-door",
  parse: readMessagesRequest,
  passes: "anthropic-messages",
  forwards: ["anthropic-version", "anthropic-beta"],
  passAnswer,
  encodeAnswer,
  streamEncoder: (head) => new AnthropicStreamEncoder(head),
};
