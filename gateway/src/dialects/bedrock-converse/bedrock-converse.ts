import type { UpstreamDialect } from "../../core/dialect.ts";
import { classify } from "./fault.ts";
import { bedrockFraming } from "./framing.ts";
import { refuse } from "./refuse.ts";
import { build } from "./request.ts";
import { decodeAnswer } from "./response.ts";
import { BedrockStreamDecoder } from "./stream.ts";

/** Amazon Bedrock's Converse, the same for the models of all makers. Format: Amazon Bedrock API reference. */
export const bedrockConverse: UpstreamDialect = {
  name: "bedrock-converse",
  framing: bedrockFraming,
  needsBytes: true,
  refuse,
  build,
  decodeAnswer,
  streamDecoder: () => new BedrockStreamDecoder(),
  classify,
};
