import type { UpstreamDialect } from "../../core/dialect.ts";
import { classify } from "./fault.ts";
import { refuse } from "./refuse.ts";
import { build } from "./request.ts";
import { decodeAnswer } from "./response.ts";
import { GeminiStreamDecoder } from "./stream.ts";

/**
 * Google's `generateContent`, as the Gemini API and Vertex AI speak it. Format: Gemini API reference, "Generating
 * content".
 */
export const gemini: UpstreamDialect = {
  name: "gemini",
  refuse,
  build,
  decodeAnswer,
  streamDecoder: () => new GeminiStreamDecoder(),
  classify,
};
