import { openaiChat } from "../../../src/dialects/openai-chat/openai-chat.ts";
import { upstreamSuite } from "../upstream-suite.ts";

/** Runs the cases of OpenAI's chat completions as upstreams speak it. */
export const run = () => upstreamSuite(openaiChat);
