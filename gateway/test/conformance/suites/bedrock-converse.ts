import { bedrockConverse } from "../../../src/dialects/bedrock-converse/bedrock-converse.ts";
import { bedrockBytes } from "../../fakes/event-stream-bytes.ts";
import { upstreamSuite } from "../upstream-suite.ts";

/** Runs the cases of Amazon Bedrock's Converse as upstreams speak it. */
export const run = () => upstreamSuite(bedrockConverse, bedrockBytes);
