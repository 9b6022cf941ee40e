import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { BuildOptions, BuiltRequest } from "../../core/dialect.ts";
import { conversationOf } from "./messages.ts";
import { type OwnOriginal, ownOriginal } from "./original.ts";
import { thinkingFor } from "./thinking.ts";
import { toolFields } from "./tools.ts";
import { type Block, listIn, VERSION } from "./wire.ts";

const PATH = "/v1/messages";

/** Fields of the middle form that are told under another name, or not here. */
const TRANSLATED: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "max_tokens",
  "temperature",
  "top_p",
  "stop",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "response_format",
  "reasoning_effort",
  "n",
  "user",
  "metadata",
]);

/** Fields of OpenAI's format that change nothing about what may be asked: left out, and said so. */
const DROPPED: readonly string[] = [
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "store",
  "verbosity",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "prediction",
  "modalities",
  "function_call",
  "functions",
  "_meta",
];

/** With thinking on, the model is asked as it is: these are refused then. */
const NOT_WHILE_THINKING = ["temperature", "top_p", "top_k"] as const;

/** Writes the request: as the caller wrote it where it came in this format, otherwise told anew. */
export function build(request: ChatRequest, options: BuildOptions): BuiltRequest {
  const original = ownOriginal(request);
  const dropped: string[] = [];
  const body = original ? passed(request, original, options, dropped) : told(request, options, dropped);
  return { path: PATH, body: JSON.stringify(body), headers: headersOf(options), dropped };
}

function headersOf({ forwarded }: BuildOptions): Record<string, string> {
  return { "anthropic-version": VERSION, ...forwarded };
}

/** The caller's own body; the gateway's defaults beneath it, its model and limit on top, its instructions in front. */
function passed(
  request: ChatRequest,
  original: OwnOriginal,
  options: BuildOptions,
  dropped: string[],
): JsonObject {
  const given = original.body;
  const defaults: JsonObject = { ...parameters(withoutGiven(request, given), options, []) };
  const added = request.messages.slice(0, request.messages.length - original.messageCount);
  dropped.push(...(original.left ?? []));
  return {
    ...defaults,
    ...given,
    model: options.upstreamModel,
    max_tokens: request.max_tokens,
    ...(added.length > 0 && {
      system: [...blocksIn(conversationOf(added).system), ...blocksIn(given["system"])],
    }),
  };
}

/** The request without what its caller has said in this format's own words. */
function withoutGiven(request: ChatRequest, given: JsonObject): ChatRequest {
  const { reasoning_effort: _effort, model, messages, ...rest } = request;
  const isOwn = given["thinking"] !== undefined || isObject(given["output_config"]);
  return isOwn ? { ...rest, model, messages, thinking: given["thinking"] } : request;
}

function blocksIn(system: unknown): readonly unknown[] {
  if (typeof system !== "string") return listIn(system);
  const block: Block = { type: "text", text: system };
  return system === "" ? [] : [block];
}

function told(request: ChatRequest, options: BuildOptions, dropped: string[]): JsonObject {
  const { system, messages, dropped: left } = conversationOf(request.messages);
  dropped.push(...left);
  for (const field of DROPPED) if (request[field] !== undefined) dropped.push(field);
  return {
    model: options.upstreamModel,
    ...(system !== undefined && { system }),
    messages,
    ...toolFields(request),
    ...parameters(request, options, dropped),
    ...unknownFields(request),
  };
}

/** All but the conversation and its tools. */
function parameters(request: ChatRequest, { upstreamModel }: BuildOptions, dropped: string[]): JsonObject {
  const { max_tokens, stop, stream, user } = request;
  const thinking = thinkingFor(request, upstreamModel);
  if (thinking === undefined) dropped.push("reasoning_effort");
  const sequences = (typeof stop === "string" ? [stop] : (stop ?? [])).filter((one) => one !== "");
  const output = outputConfig(request, thinking?.fields["output_config"]);
  return {
    max_tokens,
    ...sampling(request, thinking?.thinks === true, dropped),
    ...(sequences.length > 0 && { stop_sequences: sequences }),
    ...(stream === true && { stream }),
    ...(user !== undefined && user !== "" && { metadata: { user_id: user } }),
    ...thinking?.fields,
    ...(output && { output_config: output }),
  };
}

/** Of temperature and `top_p` only one is taken. */
function sampling(request: ChatRequest, thinks: boolean, dropped: string[]): JsonObject {
  const { temperature, top_p } = request;
  const fields: JsonObject = {};
  if (temperature !== undefined) fields["temperature"] = temperature;
  else if (top_p !== undefined) fields["top_p"] = top_p;
  if (temperature !== undefined && top_p !== undefined) dropped.push("top_p");
  if (!thinks) return fields;
  const given = NOT_WHILE_THINKING.filter((name) => name in fields && fields[name] !== 1);
  dropped.push(...given);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !given.some((left) => left === name)));
}

function outputConfig(
  { response_format, output_config }: ChatRequest,
  effort: unknown,
): JsonObject | undefined {
  const own = isObject(output_config) ? output_config : {};
  const format =
    response_format?.type === "json_schema"
      ? { format: { type: "json_schema", schema: response_format.json_schema.schema ?? {} } }
      : {};
  const config = { ...(isObject(effort) ? effort : {}), ...format, ...own };
  return Object.keys(config).length === 0 ? undefined : config;
}

/** Fields this version does not know may be of this format: they go along. */
function unknownFields(request: ChatRequest): JsonObject {
  const left = new Set([...TRANSLATED, ...DROPPED, "output_config"]);
  // OpenAI's word for what is the standard here.
  if (request["service_tier"] === "default") left.add("service_tier");
  return Object.fromEntries(Object.entries(request).filter(([name]) => !left.has(name)));
}
