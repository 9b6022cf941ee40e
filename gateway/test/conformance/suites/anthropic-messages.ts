import { anthropicMessages } from "../../../src/dialects/anthropic-messages/anthropic-messages.ts";
import { upstreamSuite } from "../upstream-suite.ts";

/** Runs the cases of Anthropic's messages as upstreams speak it. */
export const run = () => upstreamSuite(anthropicMessages);
