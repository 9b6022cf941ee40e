import { openaiResponses } from "../../../src/dialects/openai-responses/openai-responses.ts";
import { upstreamSuite } from "../upstream-suite.ts";

/** Runs the cases of The Responses API as upstreams speak it. */
export const run = () => upstreamSuite(openaiResponses);
