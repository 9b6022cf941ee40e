import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { type ChatMessage, type ChatRequest, ORIGINAL, type ResponseFormat } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import {
  anyObject,
  type Check,
  flag,
  integerOf,
  ISSUES_MAX,
  listOf,
  mustBe,
  numberOf,
  objectOf,
  oneOf,
  orNull,
  tell,
  textOf,
} from "../chat-completions/check.ts";
import { checkMetadata, type ReadRequest } from "../chat-completions/request.ts";
import { Conversation } from "./conversation.ts";
import { readChoice, readTools } from "./tools.ts";

const checkFormat: Check = (value, field, issues) => {
  if (!isObject(value)) return mustBe("an object", value, field, issues);
  checkFormatType(value["type"], `${field}.type`, issues);
  if (value["type"] === "json_schema") checkSchema(value, field, issues);
};
const checkFormatType = oneOf(["text", "json_object", "json_schema"]);
const checkSchema = objectOf(
  { name: textOf(1), schema: anyObject },
  { description: orNull(textOf(0)), strict: orNull(flag) },
);

const INCLUDED_MAX = 64;
const FIELD_CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["model", textOf(1, 256)],
  ["instructions", textOf(0)],
  ["max_output_tokens", integerOf(1, Number.MAX_SAFE_INTEGER)],
  ["temperature", numberOf(0, 2)],
  ["top_p", numberOf(0, 1)],
  ["top_logprobs", integerOf(0, 20)],
  ["stream", flag],
  ["store", flag],
  ["parallel_tool_calls", flag],
  ["include", listOf(textOf(1), 0, INCLUDED_MAX)],
  ["reasoning", objectOf({}, { effort: orNull(textOf(1, 64)), summary: orNull(textOf(1, 64)) })],
  ["text", objectOf({}, { format: orNull(checkFormat), verbosity: orNull(textOf(1, 64)) })],
  ["truncation", oneOf(["auto", "disabled"])],
  ["user", textOf(0, 512)],
  ["metadata", checkMetadata],
]);

const NOTHING_KEPT = "is not possible: no answers are kept here. Send the whole conversation as input";

/** What the Responses API can do because OpenAI keeps things; null and these values ask for nothing. */
const REFUSED_FIELDS: readonly {
  readonly field: string;
  readonly free?: unknown;
  readonly message: string;
}[] = [
  { field: "previous_response_id", message: NOTHING_KEPT },
  { field: "conversation", message: NOTHING_KEPT },
  {
    field: "prompt",
    message: "is not possible: prompts are kept at OpenAI, not here. Send instructions and input",
  },
  { field: "background", free: false, message: "is not possible: ask for a stream, or wait for the answer" },
];

/** Members that mean the same in a chat. */
const SAME = ["service_tier", "prompt_cache_key", "prompt_cache_retention", "safety_identifier"] as const;
/** Members that are carried, or that ask for nothing that other formats could leave out. */
const TOLD: ReadonlySet<string> = new Set([
  ...FIELD_CHECKS.keys(),
  ...REFUSED_FIELDS.map(({ field }) => field),
  ...SAME,
  "input",
  "tools",
  "tool_choice",
  "stream_options",
]);
const LOGPROBS = "message.output_text.logprobs";

/** Reads a request of the Responses API: a chat, whose answers are made of items. */
export function readResponsesRequest(body: unknown): ReadRequest {
  if (!isObject(body)) return { issues: [{ field: "body", message: "must be a JSON object" }] };
  const issues: Issue[] = [];
  for (const [field, check] of FIELD_CHECKS) if (body[field] != null) check(body[field], field, issues);
  if (body["model"] == null) tell(issues, "model", "is required: the slug of a model");
  for (const { field, free, message } of REFUSED_FIELDS) {
    const value = body[field];
    if (value !== undefined && value !== null && value !== free) tell(issues, field, message);
  }
  const messages = readInput(body, issues);
  const tools = readTools(body["tools"], issues);
  const choice = readChoice(body["tool_choice"], tools, issues);
  if (issues.length > 0) return { issues };
  return { request: requestOf(body, messages, choice) };
}

function readInput({ input, instructions }: JsonObject, issues: Issue[]): readonly ChatMessage[] {
  const before: readonly ChatMessage[] =
    typeof instructions === "string" && instructions !== ""
      ? [{ role: "system", content: instructions }]
      : [];
  if (typeof input === "string" && input !== "") return [...before, { role: "user", content: input }];
  if (!isList(input) || input.length === 0) {
    mustBe("a text or a non-empty list of items", input ?? undefined, "input", issues);
    return before;
  }
  const conversation = new Conversation(issues);
  for (let i = 0; i < input.length && issues.length < ISSUES_MAX; i++)
    conversation.item(input[i], `input[${i}]`);
  conversation.end();
  return [...before, ...conversation.messages];
}

/** The one place where a checked body becomes a request. */
function requestOf(
  body: JsonObject,
  messages: readonly ChatMessage[],
  { tools, tool_choice }: ReturnType<typeof readChoice>,
): ChatRequest {
  const { text, reasoning, include, top_logprobs: topLogprobs } = body;
  const format = isObject(text) ? formatOf(text["format"]) : undefined;
  const wantsLogprobs = (isList(include) && include.includes(LOGPROBS)) || Number(topLogprobs ?? 0) > 0;
  const members: JsonObject = {
    model: body["model"],
    messages,
    max_tokens: body["max_output_tokens"],
    temperature: body["temperature"],
    top_p: body["top_p"],
    stream: body["stream"],
    parallel_tool_calls: tools.length > 0 ? body["parallel_tool_calls"] : undefined,
    tools: tools.length > 0 ? tools : undefined,
    tool_choice,
    response_format: format,
    verbosity: isObject(text) ? text["verbosity"] : undefined,
    reasoning_effort: isObject(reasoning) ? reasoning["effort"] : undefined,
    logprobs: wantsLogprobs ? true : undefined,
    top_logprobs: wantsLogprobs ? topLogprobs : undefined,
    user: body["user"],
    metadata: body["metadata"],
  };
  for (const name of SAME) members[name] = body[name];
  const kept = Object.entries(members).filter(([, value]) => value !== undefined && value !== null);
  const request = Object.fromEntries(kept) as unknown as ChatRequest;
  const untold = untoldIn(body);
  return {
    ...request,
    messages,
    [ORIGINAL]: { dialect: "openai-responses", body, messageCount: messages.length, untold },
  };
}

function formatOf(format: unknown): ResponseFormat | undefined {
  if (!isObject(format)) return undefined;
  const { type, name, description, schema, strict } = format;
  if (type === "json_object") return { type };
  if (type !== "json_schema" || typeof name !== "string" || !isObject(schema)) return undefined;
  return {
    type,
    json_schema: {
      name,
      schema,
      ...(typeof description === "string" && { description }),
      ...(typeof strict === "boolean" && { strict }),
    },
  };
}

/** What backends of other formats are not told. */
function untoldIn(body: JsonObject): string[] {
  const untold = Object.keys(body).filter((name) => !TOLD.has(name) && body[name] != null);
  if (isObject(body["reasoning"]) && body["reasoning"]["summary"] != null) untold.push("reasoning.summary");
  if (body["truncation"] === "auto") untold.push("truncation");
  return untold;
}
