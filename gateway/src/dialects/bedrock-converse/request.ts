import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { BuildOptions, BuiltRequest } from "../../core/dialect.ts";
import { lostIn } from "../lost.ts";
import { saidFields, stopsOf, unsaidIn } from "../said.ts";
import { conversationOf, isThinking } from "./messages.ts";
import { modelFields, takesThinking } from "./models.ts";
import { toolsOf } from "./tools.ts";

const SAID = saidFields();

const ADDITIONAL = "additionalModelRequestFields";

/** Of what a caller may tell the model beyond the format, what changes neither limits nor prices. */
const ADDITIONAL_PASSED: ReadonlySet<string> = new Set([
  "thinking",
  "output_config",
  "anthropic_beta",
  "reasoningConfig",
  "reasoning_config",
  "reasoning_effort",
  "top_k",
]);

/** Writes the request; the model and whether it streams stand in its path. */
export function build(request: ChatRequest, { upstreamModel }: BuildOptions): BuiltRequest {
  const thinks = takesThinking(upstreamModel);
  const { messages, system } = conversationOf(request.messages, thinks);
  const { config, isChoiceLost } = toolsOf(request);
  const { fields, dropped: beside } = modelFields(request, upstreamModel);
  const dropped = new Set<string>(beside);
  const additional = { ...passedOn(request[ADDITIONAL], dropped), ...fields };
  if (isChoiceLost) dropped.add("tool_choice");
  const body: JsonObject = {
    messages,
    system: system.length === 0 ? undefined : system,
    inferenceConfig: configOf(request, dropped),
    toolConfig: config,
    outputConfig: formatOf(request.response_format),
    [ADDITIONAL]: Object.keys(additional).length === 0 ? undefined : additional,
  };
  const places = {
    opaque: (one: Parameters<typeof isThinking>[0]) => thinks && isThinking(one),
    cacheControl: true,
    isError: true,
  };
  const unsaid = unsaidIn(request, (field) => SAID.has(field) || field === ADDITIONAL);
  for (const path of [...unsaid, ...lostIn(request, places)]) dropped.add(path);
  const path = `/model/${encodeURIComponent(upstreamModel)}/converse${request.stream === true ? "-stream" : ""}`;
  return { path, body: JSON.stringify(body), dropped: [...dropped] };
}

function configOf(request: ChatRequest, dropped: ReadonlySet<string>): JsonObject | undefined {
  const config = {
    maxTokens: request.max_tokens,
    temperature: dropped.has("temperature") ? undefined : request.temperature,
    topP: dropped.has("top_p") ? undefined : request.top_p,
    stopSequences: stopsOf(request),
  };
  return Object.values(config).every((value) => value === undefined) ? undefined : config;
}

function passedOn(given: unknown, dropped: Set<string>): JsonObject {
  if (given === undefined) return {};
  if (!isObject(given)) {
    dropped.add(ADDITIONAL);
    return {};
  }
  const entries = Object.entries(given).filter(([name]) => {
    if (!ADDITIONAL_PASSED.has(name)) dropped.add(`${ADDITIONAL}.${name}`);
    return ADDITIONAL_PASSED.has(name);
  });
  return Object.fromEntries(entries);
}

function formatOf(format: ChatRequest["response_format"]): JsonObject | undefined {
  if (format?.type !== "json_schema") return undefined;
  const { name, description, schema = {} } = format.json_schema;
  const jsonSchema = {
    schema: JSON.stringify(schema),
    name,
    ...(description !== undefined && { description }),
  };
  return { textFormat: { type: "json_schema", structure: { jsonSchema } } };
}
