import { isObject, type JsonObject } from "../../base/json.ts";
import {
  type ChatMessage,
  type ChatRequest,
  ORIGINAL,
  type ResponseFormat,
  type ToolChoice,
  type ToolDefinition,
} from "../../core/chat.ts";
import type { ReadRequest } from "../chat-completions/request.ts";
import { listIn, stringIn } from "../anthropic-messages/wire.ts";
import { issuesOf } from "./check.ts";
import { contentOf, markOf } from "./content.ts";
import { messagesOf } from "./messages.ts";

/** Fields that the middle form has a place for, if not always for all that they say. */
const TOLD: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "max_tokens",
  "system",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "stream",
  "tools",
  "tool_choice",
  "metadata",
  "thinking",
  "output_config",
]);

/** Tokens of thinking up to which an effort is called low, and medium. */
const LOW_MAX = 4_096;
const MEDIUM_MAX = 16_383;

/** Validates a body and tells it in the middle form; what its caller wrote is kept beside. */
export function readMessagesRequest(body: unknown): ReadRequest {
  return read(body, ["model", "messages", "max_tokens"]);
}

/** The same for a request whose tokens are to be counted: it needs no limit. */
export function readCountRequest(body: unknown): ReadRequest {
  return read(body, ["model", "messages"]);
}

function read(body: unknown, required: readonly string[]): ReadRequest {
  if (!isObject(body)) return { issues: [{ field: "body", message: "must be a JSON object" }] };
  const issues = issuesOf(body, required);
  return issues.length > 0 ? { issues } : { request: requestOf(body) };
}

function requestOf(body: JsonObject): ChatRequest {
  const { model, system, max_tokens, temperature, top_p, top_k, stop_sequences: stop, stream } = body;
  const first: readonly ChatMessage[] = isSaid(system)
    ? [{ role: "system", content: contentOf(system) }]
    : [];
  const messages = [...first, ...listIn(body["messages"]).flatMap(messagesOf)];
  const fields = { max_tokens, temperature, top_p, top_k, stop, ...(stream === true && { stream }) };
  const user = isObject(body["metadata"]) ? stringIn(body["metadata"]["user_id"]) : "";
  const effort = effortOf(body["thinking"], body["output_config"]);
  const format = formatOf(body["output_config"]);
  return {
    ...present(fields),
    ...toolFields(body),
    ...(user !== "" && { user }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(format && { response_format: format }),
    model: stringIn(model),
    messages,
    [ORIGINAL]: {
      dialect: "anthropic-messages",
      body,
      messageCount: messages.length,
      ...(effort !== undefined && { hints: { reasoning_effort: "reasoning" } }),
      untold: Object.keys(body).filter((field) => !TOLD.has(field) && body[field] != null),
    },
  };
}

function present(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

function isSaid(system: unknown): boolean {
  return typeof system === "string" ? system !== "" : listIn(system).length > 0;
}

function toolFields(body: JsonObject): Pick<ChatRequest, "tools" | "tool_choice" | "parallel_tool_calls"> {
  const tools = listIn(body["tools"]);
  if (tools.length === 0) return {};
  const choice = isObject(body["tool_choice"]) ? body["tool_choice"] : {};
  const chosen = choiceOf(choice);
  return {
    tools: tools.map(toolOf),
    ...(chosen !== undefined && { tool_choice: chosen }),
    ...(choice["disable_parallel_tool_use"] === true && { parallel_tool_calls: false }),
  };
}

function choiceOf({ type, name }: JsonObject): ToolChoice | undefined {
  if (type === "tool") return { type: "function", function: { name: stringIn(name) } };
  if (type === "any") return "required";
  return type === "none" || type === "auto" ? type : undefined;
}

/** Tools of the provider's own kinds are kept as they are: formats that do not know them refuse them by their type. */
function toolOf(tool: unknown): ToolDefinition {
  if (!isObject(tool) || (tool["type"] != null && tool["type"] !== "custom")) return tool as ToolDefinition;
  const { name, description, input_schema: schema, strict } = tool;
  return {
    type: "function",
    function: {
      name: stringIn(name),
      ...(typeof description === "string" && { description }),
      ...(isObject(schema) && { parameters: schema }),
      ...(strict === true && { strict }),
    },
    ...markOf(tool),
  };
}

/** How hard to think, for models of others: by the effort that was asked for, or the tokens that were given. */
function effortOf(thinking: unknown, config: unknown): string | undefined {
  if (!isObject(thinking) || thinking["type"] === "disabled") return undefined;
  const effort = isObject(config) ? config["effort"] : undefined;
  if (typeof effort === "string") return effort === "low" || effort === "medium" ? effort : "high";
  const budget = thinking["budget_tokens"];
  if (typeof budget !== "number") return undefined;
  return budget <= LOW_MAX ? "low" : budget <= MEDIUM_MAX ? "medium" : "high";
}

function formatOf(config: unknown): ResponseFormat | undefined {
  const format = isObject(config) ? config["format"] : undefined;
  if (!isObject(format) || format["type"] !== "json_schema" || !isObject(format["schema"])) return undefined;
  const { schema } = format;
  return {
    type: "json_schema",
    json_schema: { name: "answer", schema, ...(isStrict(schema) && { strict: true }) },
  };
}

/** Whether every object of a schema names all of its members, as OpenAI demands of those it holds a model to. */
function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (!isObject(schema)) return true;
  const { properties } = schema;
  if (isObject(properties)) {
    const required = listIn(schema["required"]);
    if (schema["additionalProperties"] !== false) return false;
    if (Object.keys(properties).some((name) => !required.includes(name))) return false;
  }
  return Object.values(schema).every(isStrict);
}
