import type { DoorDialect } from "../../core/dialect.ts";
import { passAnswer } from "./pass.ts";
import { readResponsesRequest } from "./request.ts";
import { encodeAnswer } from "./response.ts";
import { ResponsesStreamEncoder } from "./stream.ts";

/**
 * OpenAI's Responses API as its clients speak it. Nothing is kept: each request brings its whole conversation.
 * Format: OpenAI API reference, "Responses".
 */
export const openaiResponsesDoor: DoorDialect = {
  name: "openai-responses-door",
  parse: readResponsesRequest,
  passes: "openai-responses",
  passesWholeStreams: true,
  passAnswer,
  encodeAnswer,
  streamEncoder: (head) => new ResponsesStreamEncoder(head),
};
