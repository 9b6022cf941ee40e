import type { UpstreamDialect } from "../../core/dialect.ts";
import { classifyHttp } from "../openai-chat/fault.ts";
import { refuse } from "./refuse.ts";
import { build } from "./request.ts";
import { decodeAnswer } from "./response.ts";
import { ResponsesStreamDecoder } from "./stream.ts";

/**
 * OpenAI's Responses API, as OpenAI, Azure and xAI serve it.
 * Format: OpenAI API reference, "Responses".
 */
export const openaiResponses: UpstreamDialect = {
  name: "openai-responses",
  refuse,
  build,
  decodeAnswer,
  streamDecoder: () => new ResponsesStreamDecoder(),
  classify: classifyHttp,
};
