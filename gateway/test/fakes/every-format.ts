import { anthropicFormat } from "./anthropic-format.ts";
import { bedrockFormat, geminiFormat, type NativeFormat } from "./native-formats.ts";
import { cohereFormat, responsesFormat } from "./openai-formats.ts";

/** The formats of providers beside that of OpenAI's chat, which `FaultUpstream` speaks. */
export const NATIVE_FORMATS: readonly NativeFormat[] = [
  anthropicFormat,
  geminiFormat,
  bedrockFormat,
  cohereFormat,
  responsesFormat,
];
