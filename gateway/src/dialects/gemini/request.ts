import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatRequest, ToolChoice } from "../../core/chat.ts";
import type { BuildOptions, BuiltRequest } from "../../core/dialect.ts";
import { lostIn, type Places } from "../lost.ts";
import { saidFields, stopsOf, unsaidIn } from "../said.ts";
import { contentsOf } from "./contents.ts";
import { readSignature } from "./signature.ts";
import { demandsSignatures, thinkingConfig } from "./thinking.ts";

const SAID = saidFields("seed", "presence_penalty", "frequency_penalty");

/** Fields of this format that go along as they are, by either spelling. */
const PASSED: Readonly<Record<string, string>> = {
  safetySettings: "safetySettings",
  safety_settings: "safetySettings",
  labels: "labels",
};

/** Of `generationConfig` what goes along; limits and numbers of answers are what the gateway holds money for. */
const CONFIG_PASSED: Readonly<Record<string, string>> = {
  thinkingConfig: "thinkingConfig",
  thinking_config: "thinkingConfig",
  mediaResolution: "mediaResolution",
  media_resolution: "mediaResolution",
  responseSchema: "responseSchema",
  responseMimeType: "responseMimeType",
  topK: "topK",
};

const PLACES: Places = {
  opaque: (one) => readSignature(one) !== undefined,
  cacheControl: false,
  isError: true,
};

const CONFIG_NAMES = ["generationConfig", "generation_config"] as const;

/** Writes the request; the model and whether it streams stand in its path. */
export function build(request: ChatRequest, { upstreamModel }: BuildOptions): BuiltRequest {
  const { contents, system } = contentsOf(request.messages, demandsSignatures(upstreamModel));
  const dropped = new Set<string>();
  const body: JsonObject = {
    contents,
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    ...toolsOf(request),
    generationConfig: configOf(request, upstreamModel, dropped),
  };
  for (const [field, name] of Object.entries(PASSED)) {
    if (request[field] !== undefined) body[name] = request[field];
  }
  const isSaid = (field: string): boolean =>
    SAID.has(field) || PASSED[field] !== undefined || isConfig(field);
  for (const path of [...unsaidIn(request, isSaid), ...lostIn(request, PLACES)]) dropped.add(path);
  return {
    path: pathOf(upstreamModel, request.stream === true),
    body: JSON.stringify(body),
    dropped: [...dropped],
  };
}

function isConfig(field: string): boolean {
  return CONFIG_NAMES.some((name) => name === field);
}

/** A bare name is a model; with a slash it says itself what it is (`tunedModels/…`). */
function pathOf(model: string, stream: boolean): string {
  const segments = model.split("/").map((segment) => encodeURIComponent(segment));
  const name = segments.length === 1 ? `models/${segments[0] ?? ""}` : segments.join("/");
  return stream ? `/${name}:streamGenerateContent?alt=sse` : `/${name}:generateContent`;
}

function configOf(request: ChatRequest, model: string, dropped: Set<string>): JsonObject | undefined {
  const { n } = request;
  const given = passedConfig(request, dropped);
  const effort = request.reasoning_effort;
  const thinking = effort === undefined ? undefined : thinkingConfig(model, effort);
  if (effort !== undefined && thinking === undefined) dropped.add("reasoning_effort");
  const config: JsonObject = {
    ...given,
    ...present({
      maxOutputTokens: request.max_tokens,
      temperature: request.temperature,
      topP: request.top_p,
      topK: request["top_k"],
      stopSequences: stopsOf(request),
      seed: request.seed,
      candidateCount: n === 1 ? undefined : n,
      presencePenalty: request.presence_penalty,
      frequencyPenalty: request.frequency_penalty,
      thinkingConfig: thinking,
      ...formatOf(request.response_format),
    }),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

/** Without what is undefined, so that it hides nothing beneath it. */
function present(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function passedConfig(request: ChatRequest, dropped: Set<string>): JsonObject {
  const config: JsonObject = {};
  for (const name of CONFIG_NAMES) {
    const given = request[name];
    if (given === undefined) continue;
    if (!isObject(given)) {
      dropped.add(name);
      continue;
    }
    for (const [field, value] of Object.entries(given)) {
      const passed = CONFIG_PASSED[field];
      if (passed === undefined) dropped.add(`${name}.${field}`);
      else config[passed] = value;
    }
  }
  return config;
}

function formatOf(format: ChatRequest["response_format"]): JsonObject {
  if (format === undefined || format.type === "text") return {};
  const schema = format.type === "json_schema" ? format.json_schema.schema : undefined;
  return { responseMimeType: "application/json", responseJsonSchema: schema };
}

function toolsOf(request: ChatRequest): JsonObject {
  const { tools = [], tool_choice: choice } = request;
  if (tools.length === 0) return {};
  const functionDeclarations = tools.map(({ function: fn }) => ({
    name: fn.name,
    description: fn.description,
    parametersJsonSchema: parametersOf(fn.parameters),
  }));
  return {
    tools: [{ functionDeclarations }],
    toolConfig: choice === undefined ? undefined : choiceOf(choice),
  };
}

/** A function without parameters must not have a schema of an object without properties. */
function parametersOf(schema: Readonly<Record<string, unknown>> | undefined): unknown {
  const properties = schema?.["properties"];
  const isBare =
    schema?.["type"] === "object" && (!isObject(properties) || Object.keys(properties).length === 0);
  return schema === undefined || Object.keys(schema).length === 0 || isBare ? undefined : schema;
}

const MODES = { none: "NONE", auto: "AUTO", required: "ANY" } as const;

function choiceOf(choice: ToolChoice): JsonObject {
  const functionCallingConfig =
    typeof choice === "string"
      ? { mode: MODES[choice] }
      : { mode: "ANY", allowedFunctionNames: [choice.function.name] };
  return { functionCallingConfig };
}
