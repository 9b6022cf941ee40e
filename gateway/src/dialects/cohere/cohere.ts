import type { UpstreamDialect } from "../../core/dialect.ts";
import { classify } from "./fault.ts";
import { refuse } from "./refuse.ts";
import { build } from "./request.ts";
import { decodeAnswer } from "./response.ts";
import { CohereStreamDecoder } from "./stream.ts";

/**
 * Cohere's chat, version 2. The plan a model makes for its tools is told as reasoning.
 * Format: Cohere API reference, "Chat (v2)".
 */
export const cohere: UpstreamDialect = {
  name: "cohere",
  refuse,
  build,
  decodeAnswer,
  streamDecoder: () => new CohereStreamDecoder(),
  classify,
};
