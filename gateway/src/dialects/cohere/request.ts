import type { JsonObject } from "../../base/json.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { BuildOptions, BuiltRequest } from "../../core/dialect.ts";
import { lostIn } from "../lost.ts";
import { saidFields, stopsOf, unsaidIn } from "../said.ts";
import { isCoheres, messageOf } from "./messages.ts";

const SAID = saidFields("seed", "presence_penalty", "frequency_penalty");

/** Cohere's own, which reach it as they are. */
const OWN: ReadonlySet<string> = new Set([
  "documents",
  "citation_options",
  "safety_mode",
  "strict_tools",
  "thinking",
  "k",
  "p",
]);

/** Models that think, and that refuse to be told about it otherwise. */
const THINKS = /reasoning|think/i;

/** Writes the request. */
export function build(request: ChatRequest, { upstreamModel }: BuildOptions): BuiltRequest {
  const dropped = new Set(unsaidIn(request, (field) => SAID.has(field) || OWN.has(field)));
  const own = Object.entries(request).filter(([field, value]) => OWN.has(field) && value !== undefined);
  const body: JsonObject = {
    ...Object.fromEntries(own),
    model: upstreamModel,
    messages: request.messages.map(messageOf),
    stream: request.stream === true,
    max_tokens: request.max_tokens,
    temperature: request.temperature,
    ...(request.top_p !== undefined && { p: request.top_p }),
    ...(request["top_k"] !== undefined && { k: request["top_k"] }),
    stop_sequences: stopsOf(request),
    seed: request.seed,
    presence_penalty: request.presence_penalty,
    frequency_penalty: request.frequency_penalty,
    ...toolsOf(request),
    response_format: formatOf(request.response_format),
    ...thinkingOf(request, upstreamModel, dropped),
  };
  for (const path of lostIn(request, { opaque: isCoheres, cacheControl: false, isError: false }))
    dropped.add(path);
  // Told of all tools at once.
  dropped.delete("tools[].function.strict");
  return { path: "/v2/chat", body: JSON.stringify(body), dropped: [...dropped] };
}

/** The tools, and whether one must be called: of one that is named, the model is told of no other. */
function toolsOf({ tools = [], tool_choice: choice }: ChatRequest): JsonObject {
  if (tools.length === 0) return {};
  const named = typeof choice === "object" ? choice.function.name : undefined;
  const offered = tools.filter(({ function: fn }) => named === undefined || fn.name === named);
  const isStrict = offered.some(({ function: fn }) => fn.strict === true);
  return {
    tools: offered.map(({ type, function: { name, description, parameters } }) => ({
      type,
      function: { name, description, parameters: parameters ?? { type: "object", properties: {} } },
    })),
    tool_choice:
      choice === "none" ? "NONE" : choice === "required" || named !== undefined ? "REQUIRED" : undefined,
    ...(isStrict && { strict_tools: true }),
  };
}

function formatOf(format: ChatRequest["response_format"]): JsonObject | undefined {
  if (format === undefined || format.type === "text") return undefined;
  return {
    type: "json_object",
    ...(format.type === "json_schema" && { json_schema: format.json_schema.schema }),
  };
}

function thinkingOf(
  { reasoning_effort: effort }: ChatRequest,
  model: string,
  dropped: Set<string>,
): JsonObject {
  if (effort === undefined) return {};
  if (THINKS.test(model)) return { thinking: { type: effort === "none" ? "disabled" : "enabled" } };
  dropped.add("reasoning_effort");
  return {};
}
