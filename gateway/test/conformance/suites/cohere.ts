import { cohere } from "../../../src/dialects/cohere/cohere.ts";
import { upstreamSuite } from "../upstream-suite.ts";

/** Runs the cases of Cohere's chat as upstreams speak it. */
export const run = () => upstreamSuite(cohere);
