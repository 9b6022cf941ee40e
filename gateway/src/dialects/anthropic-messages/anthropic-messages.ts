import type { UpstreamDialect } from "../../core/dialect.ts";
import { classifyHttp } from "./fault.ts";
import { refuse } from "./refuse.ts";
import { build } from "./request.ts";
import { decodeAnswer } from "./response.ts";
import { AnthropicStreamDecoder } from "./stream.ts";
import { buildCount, readCount } from "./token-count.ts";

/**
 * Anthropic's messages.
 * Format: Claude API reference, "Messages".
 */
export const anthropicMessages: UpstreamDialect = {
  name: "anthropic-messages",
  needsMaxTokens: true,
  refuse,
  build,
  tokenCount: { build: buildCount, read: readCount },
  decodeAnswer,
  streamDecoder: () => new AnthropicStreamDecoder(),
  classify: classifyHttp,
};
