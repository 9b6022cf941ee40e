import type { JsonObject } from "../../base/json.ts";
import { type ChatRequest, type OriginalRequest, ORIGINAL, type ResponseFormat } from "../../core/chat.ts";
import type { BuildOptions, BuiltRequest } from "../../core/dialect.ts";
import { inputOf } from "./input.ts";

/** Members of a chat request that are told by a name, or in a form, of their own, or that stay here. */
const TRANSLATED: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "max_tokens",
  "temperature",
  "top_p",
  "stream",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "response_format",
  "reasoning_effort",
  "verbosity",
  "logprobs",
  "top_logprobs",
  "metadata",
  "n",
]);
/** Those that mean the same there. */
const SAME: ReadonlySet<string> = new Set([
  "user",
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
]);
/** Members of a request in this format that the middle form carries, or that are the gateway's to say. */
const OWN: readonly string[] = [
  "model",
  "input",
  "instructions",
  "max_output_tokens",
  "temperature",
  "top_p",
  "stream",
  "stream_options",
  "store",
  "metadata",
  "include",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "text",
  "reasoning",
  "top_logprobs",
  "user",
];

const ENCRYPTED = "reasoning.encrypted_content";
const LOGPROBS = "message.output_text.logprobs";

/**
 * Writes the request for an upstream. One that came in this format keeps its items as they were written. The provider
 * is asked to keep nothing: what it would need of former answers goes along, encrypted.
 */
export function build(request: ChatRequest, { upstreamModel }: BuildOptions): BuiltRequest {
  const dropped = new Set<string>();
  const given = request[ORIGINAL];
  const original = given?.dialect === "openai-responses" ? given : undefined;
  const body: JsonObject = {
    ...(original === undefined ? sameMembers(request, dropped) : restOf(original.body)),
    model: upstreamModel,
    input:
      original === undefined ? inputOf(request.messages, dropped) : inputFrom(original, request, dropped),
    instructions: original?.body["instructions"] ?? undefined,
    max_output_tokens: request.max_tokens,
    temperature: request.temperature,
    top_p: request.top_p,
    user: request.user,
    stream: request.stream,
    store: false,
    include: includeOf(request, original),
    ...toolsOf(request, original),
    ...formatOf(request, original),
    top_logprobs: request.top_logprobs,
  };
  return { path: "/responses", body: JSON.stringify(body), dropped: [...dropped] };
}

function sameMembers(request: ChatRequest, dropped: Set<string>): JsonObject {
  const same: JsonObject = {};
  for (const [name, value] of Object.entries(request)) {
    if (TRANSLATED.has(name) || value === undefined) continue;
    if (SAME.has(name)) same[name] = value;
    // Whether the caller sees the usage is ours to fulfil.
    else if (name !== "stream_options") dropped.add(name);
  }
  return same;
}

function restOf(body: JsonObject): JsonObject {
  const rest = { ...body };
  for (const name of OWN) rest[name] = undefined;
  return rest;
}

/** The caller's own items, behind what the gateway has put in front of them. */
function inputFrom(
  { body, messageCount }: OriginalRequest,
  request: ChatRequest,
  dropped: Set<string>,
): unknown {
  const own = body["input"];
  const before = request.messages.slice(0, Math.max(0, request.messages.length - messageCount));
  if (before.length === 0) return own;
  const items = typeof own === "string" ? [{ type: "message", role: "user", content: own }] : own;
  return [...inputOf(before, dropped), ...(Array.isArray(items) ? items : [])];
}

/**
 * What is to be told beside the answer. Reasoning is asked for wherever it is sure that there is some: models without
 * refuse to be asked.
 */
function includeOf(
  request: ChatRequest,
  original: OriginalRequest | undefined,
): readonly unknown[] | undefined {
  const asked = original?.body["include"];
  const include = new Set<unknown>(Array.isArray(asked) ? asked : []);
  const { effort } = { effort: request.reasoning_effort };
  const hasReasoned = request.messages.some(({ opaque }) =>
    opaque?.some(({ family }) => family === "openai"),
  );
  if ((effort !== undefined && effort !== "none") || hasReasoned) include.add(ENCRYPTED);
  if (request.logprobs === true) include.add(LOGPROBS);
  return include.size === 0 ? undefined : [...include];
}

function toolsOf(request: ChatRequest, original: OriginalRequest | undefined): JsonObject {
  if (original !== undefined) {
    const { tools, tool_choice, parallel_tool_calls } = original.body;
    return { tools, tool_choice, parallel_tool_calls };
  }
  const choice = request.tool_choice;
  return {
    // Absent means strict there, and not here.
    tools: request.tools?.map(({ function: fn }) => ({
      type: "function",
      parameters: {},
      strict: false,
      ...fn,
    })),
    tool_choice: typeof choice === "object" ? { type: "function", name: choice.function.name } : choice,
    parallel_tool_calls: request.parallel_tool_calls,
  };
}

function formatOf(request: ChatRequest, original: OriginalRequest | undefined): JsonObject {
  if (original !== undefined) {
    const { text, reasoning } = original.body;
    return { text, reasoning };
  }
  const format = request.response_format && formatIn(request.response_format);
  const verbosity = request["verbosity"];
  const effort = request.reasoning_effort;
  const hasText = format !== undefined || verbosity !== undefined;
  return {
    ...(hasText && { text: { format, verbosity } }),
    // Without a summary nothing of it could be shown.
    ...(effort !== undefined && { reasoning: { effort, summary: effort === "none" ? undefined : "auto" } }),
  };
}

function formatIn(format: ResponseFormat): JsonObject {
  return format.type === "json_schema"
    ? { type: "json_schema", ...format.json_schema }
    : { type: format.type };
}
