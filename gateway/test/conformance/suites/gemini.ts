import { gemini } from "../../../src/dialects/gemini/gemini.ts";
import { upstreamSuite } from "../upstream-suite.ts";

/** Runs the cases of Google's generateContent as upstreams speak it. */
export const run = () => upstreamSuite(gemini);
