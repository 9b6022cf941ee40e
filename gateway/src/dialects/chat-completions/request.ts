import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ChatMessage, ChatRequest } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import {
  anyObject,
  type Check,
  flag,
  integerOf,
  listOf,
  mustBe,
  numberOf,
  objectOf,
  oneOf,
  orNull,
  tell,
  textOf,
} from "./check.ts";
import { checkCacheControl, checkMessages } from "./check-messages.ts";

export const METADATA_KEYS_MAX = 16;
export const METADATA_KEY_CHARS_MAX = 64;
export const METADATA_VALUE_CHARS_MAX = 512;
export const STOP_MAX = 4;
export const CHOICES_MAX = 128;

const checkFunctionName = objectOf({ name: textOf(1) }, {});
const checkNamedTool = objectOf({ type: oneOf(["function"]), function: checkFunctionName }, {});
const checkFormatType = oneOf(["text", "json_object", "json_schema"]);
const checkJsonSchema = objectOf(
  { name: textOf(1) },
  { description: textOf(0), schema: anyObject, strict: orNull(flag) },
);
const checkMetadataValue = textOf(0, METADATA_VALUE_CHARS_MAX);

const checkStop: Check = (value, field, issues) => {
  if (typeof value === "string") return;
  if (isList(value)) listOf(textOf(0), 0, STOP_MAX)(value, field, issues);
  else mustBe(`a string or a list of at most ${STOP_MAX} strings`, value, field, issues);
};

const checkToolChoice: Check = (value, field, issues) => {
  if (value === "none" || value === "auto" || value === "required") return;
  if (isObject(value)) checkNamedTool(value, field, issues);
  else mustBe(`"none", "auto", "required" or an object that names a function`, value, field, issues);
};

const checkResponseFormat: Check = (value, field, issues) => {
  if (!isObject(value)) return mustBe("an object", value, field, issues);
  checkFormatType(value["type"], `${field}.type`, issues);
  if (value["type"] === "json_schema") checkJsonSchema(value["json_schema"], `${field}.json_schema`, issues);
};

/** At most 16 keys, with texts. */
export const checkMetadata: Check = (value, field, issues) => {
  if (!isObject(value)) return mustBe("an object of strings", value, field, issues);
  const keys = Object.keys(value);
  if (keys.length > METADATA_KEYS_MAX) {
    return tell(issues, field, `may have at most ${METADATA_KEYS_MAX} keys, not ${keys.length}`);
  }
  for (const key of keys) {
    if (key.length > METADATA_KEY_CHARS_MAX) {
      tell(issues, field, `a key may have at most ${METADATA_KEY_CHARS_MAX} characters, not ${key.length}`);
    } else checkMetadataValue(value[key], `${field}.${key}`, issues);
  }
};

const MAX_TOKENS = integerOf(1, Number.MAX_SAFE_INTEGER);

const FIELD_CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["model", textOf(1, 256)],
  ["messages", checkMessages],
  ["max_tokens", MAX_TOKENS],
  ["max_completion_tokens", MAX_TOKENS],
  ["temperature", numberOf(0, 2)],
  ["top_p", numberOf(0, 1)],
  ["stop", checkStop],
  ["seed", integerOf(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)],
  ["stream", flag],
  ["stream_options", objectOf({}, { include_usage: flag })],
  [
    "tools",
    listOf(
      objectOf(
        {
          type: oneOf(["function"]),
          function: objectOf(
            { name: textOf(1) },
            { description: textOf(0), parameters: anyObject, strict: orNull(flag) },
          ),
        },
        { cache_control: checkCacheControl },
      ),
      0,
      Number.MAX_SAFE_INTEGER,
    ),
  ],
  ["tool_choice", checkToolChoice],
  ["parallel_tool_calls", flag],
  ["response_format", checkResponseFormat],
  ["reasoning_effort", textOf(1, 64)],
  ["n", integerOf(1, CHOICES_MAX)],
  ["logprobs", flag],
  ["top_logprobs", integerOf(0, 20)],
  ["presence_penalty", numberOf(-2, 2)],
  ["frequency_penalty", numberOf(-2, 2)],
  ["user", textOf(0, 512)],
  ["metadata", checkMetadata],
]);

/** What a door's `parse` gives back. */
export type ReadRequest =
  { readonly request: ChatRequest; readonly issues?: never } | { readonly issues: readonly Issue[] };

/**
 * Validates and normalises a body in the shape of OpenAI's chat completions. Fields it does not know stay;
 * known ones that are null count as absent, as clients that serialise whole objects send them. The body is
 * taken over: the request shares its parts.
 */
export function readChatRequest(body: unknown): ReadRequest {
  if (!isObject(body)) return { issues: [{ field: "body", message: "must be a JSON object" }] };
  const issues: Issue[] = [];
  let rewrite = body["max_completion_tokens"] !== undefined;
  for (const key of Object.keys(body)) {
    const check = FIELD_CHECKS.get(key);
    if (check === undefined) continue;
    if (body[key] === null) rewrite = true;
    else check(body[key], key, issues);
  }
  if (body["model"] == null) tell(issues, "model", "is required: the slug of a model");
  if (body["messages"] == null) tell(issues, "messages", "is required: a non-empty list of messages");
  checkTokenAlias(body, issues);
  if (issues.length > 0) return { issues };
  return { request: settle(rewrite ? withoutNullsAndAlias(body) : body) };
}

function checkTokenAlias(body: JsonObject, issues: Issue[]): void {
  const named = body["max_tokens"];
  const alias = body["max_completion_tokens"];
  if (named == null || alias == null || named === alias) return;
  tell(issues, "max_completion_tokens", "is another name of max_tokens, and the two differ");
}

function withoutNullsAndAlias(body: JsonObject): JsonObject {
  const kept = Object.entries(body).filter(([key, value]) => value !== null || !FIELD_CHECKS.has(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key === "max_completion_tokens" ? "max_tokens" : key, value]),
  );
}

/** The one place where a checked body becomes a request. */
function settle(body: JsonObject): ChatRequest {
  const request = body as unknown as ChatRequest;
  if (!request.messages.some(hasEmptyFields)) return request;
  return { ...request, messages: request.messages.map(withoutEmptyFields) };
}

/** Optional fields of a message whose null, or empty list, says nothing and which upstreams refuse. */
const EMPTY_FIELDS = [
  "name",
  "tool_calls",
  "tool_call_id",
  "reasoning",
  "opaque",
  "extra",
  "is_error",
] as const;

function isEmpty(value: unknown): boolean {
  return value === null || (isList(value) && value.length === 0);
}

function hasEmptyFields(message: ChatMessage): boolean {
  for (const field of EMPTY_FIELDS) if (message[field] !== undefined && isEmpty(message[field])) return true;
  return false;
}

function withoutEmptyFields(message: ChatMessage): ChatMessage {
  if (!hasEmptyFields(message)) return message;
  const kept: JsonObject = { ...message };
  for (const field of EMPTY_FIELDS) if (isEmpty(kept[field])) delete kept[field];
  return kept as unknown as ChatMessage;
}
