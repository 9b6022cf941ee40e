import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { Issue } from "../../core/dialect.ts";
import { PROVIDER_FAMILIES } from "../../core/chat.ts";
import {
  anyObject,
  type Check,
  flag,
  integerOf,
  ISSUES_MAX,
  listOf,
  mustBe,
  objectOf,
  oneOf,
  orNull,
  tell,
  textOf,
} from "./check.ts";

const ROLES = ["system", "developer", "user", "assistant", "tool"] as const;
const checkRole = oneOf(ROLES);

const checkImageUrl: Check = (value, field, issues) => {
  if (typeof value !== "string") return mustBe("a string", value, field, issues);
  if (!/^(?:https:\/\/|data:)/i.test(value)) tell(issues, field, "must be an https or a data URL");
};

const checkFileUrl: Check = (value, field, issues) => {
  if (typeof value !== "string") return mustBe("a string", value, field, issues);
  if (!/^https:\/\//i.test(value)) tell(issues, field, "must be an https URL");
};
const checkFileFields = objectOf(
  {},
  { file_data: textOf(1), file_url: checkFileUrl, file_id: textOf(1), filename: textOf(0) },
);
const checkFile: Check = (value, field, issues) => {
  checkFileFields(value, field, issues);
  if (isObject(value) && ["file_data", "file_url", "file_id"].every((name) => value[name] === undefined)) {
    tell(issues, field, "needs file_data, file_url or file_id");
  }
};

const count = integerOf(0, Number.MAX_SAFE_INTEGER);
const checkOpaque = listOf(
  objectOf(
    { family: oneOf(PROVIDER_FAMILIES), data: anyObject },
    { at: objectOf({ text: count, calls: count }, {}) },
  ),
  0,
  Number.MAX_SAFE_INTEGER,
);
const checkExtra: Check = (value, field, issues) => {
  if (!isObject(value)) return mustBe("an object of lists", value, field, issues);
  for (const [kind, items] of Object.entries(value)) {
    if (!isList(items)) mustBe("a list", items, `${field}.${kind}`, issues);
  }
};

/** Of parts and tools. */
export const checkCacheControl: Check = orNull(
  objectOf({ type: oneOf(["ephemeral"]) }, { ttl: oneOf(["5m", "1h"]) }),
);
const CACHEABLE = { cache_control: checkCacheControl };

const PART_CHECKS: ReadonlyMap<unknown, Check> = new Map<unknown, Check>([
  ["text", objectOf({ text: textOf(0) }, CACHEABLE)],
  [
    "image_url",
    objectOf(
      { image_url: objectOf({ url: checkImageUrl }, { detail: oneOf(["auto", "low", "high"]) }) },
      CACHEABLE,
    ),
  ],
  ["input_audio", objectOf({ input_audio: objectOf({ data: textOf(1), format: textOf(1) }, {}) }, CACHEABLE)],
  ["file", objectOf({ file: checkFile }, CACHEABLE)],
]);
const checkPartType = oneOf(["text", "image_url", "input_audio", "file"]);

/** Those who may send more than text; a tool may answer with an image. */
const RICH_ROLES: ReadonlySet<unknown> = new Set(["user", "tool"]);

/** Those who need say nothing but their content. */
const PLAIN_ROLES: ReadonlySet<unknown> = new Set(["system", "developer", "user", "assistant"]);

const checkToolCalls = listOf(
  objectOf(
    {
      id: textOf(1),
      type: oneOf(["function"]),
      function: objectOf({ name: textOf(1), arguments: textOf(0) }, {}),
    },
    { opaque: orNull(checkOpaque) },
  ),
  0,
  Number.MAX_SAFE_INTEGER,
);
const checkText = textOf(0);
const checkNonEmptyText = textOf(1);

/** Checks `messages`: roles, content, tool calls and what answers them. */
export const checkMessages: Check = (value, field, issues) => {
  if (!isList(value) || value.length === 0) return mustBe("a non-empty list", value, field, issues);
  for (let i = 0; i < value.length && issues.length < ISSUES_MAX; i++) {
    const message = value[i];
    if (isObject(message)) checkMessage(message, i, issues);
    else mustBe("an object", message, `messages[${i}]`, issues);
  }
};

function checkMessage(message: JsonObject, i: number, issues: Issue[]): void {
  const role = message["role"];
  const content = message["content"];
  // The commonest messages by far; nothing more is to be said about them.
  if (typeof content === "string" && PLAIN_ROLES.has(role) && Object.keys(message).length === 2) return;
  const at = `messages[${i}]`;
  checkRole(role, `${at}.role`, issues);
  checkContent(message, content, at, issues);
  if (message["name"] != null) checkText(message["name"], `${at}.name`, issues);
  if (message["refusal"] != null) checkText(message["refusal"], `${at}.refusal`, issues);
  if (message["reasoning"] != null) checkText(message["reasoning"], `${at}.reasoning`, issues);
  checkAsides(message, at, issues);
  checkToolFields(message, at, issues);
}

function checkAsides({ opaque, extra }: JsonObject, at: string, issues: Issue[]): void {
  if (opaque != null) checkOpaque(opaque, `${at}.opaque`, issues);
  if (extra != null) checkExtra(extra, `${at}.extra`, issues);
}

function checkContent(message: JsonObject, content: unknown, at: string, issues: Issue[]): void {
  if (typeof content === "string") return;
  const role = message["role"];
  if (content === undefined || content === null) {
    if (role === "assistant" && saysSomethingElse(message)) return;
    const wanted =
      role === "assistant" ? "content, tool_calls or a refusal" : "content: a string or a list of parts";
    return tell(
      issues,
      `${at}.content`,
      `an ${role === "assistant" ? "assistant " : ""}message needs ${wanted}`,
    );
  }
  if (!isList(content) || content.length === 0) {
    return mustBe("a string or a non-empty list of parts", content, `${at}.content`, issues);
  }
  for (let j = 0; j < content.length && issues.length < ISSUES_MAX; j++) {
    checkPart(content[j], role, `${at}.content[${j}]`, issues);
  }
}

function saysSomethingElse(message: JsonObject): boolean {
  const calls = message["tool_calls"];
  // A list is looked at by its own check; `function_call` is the older form and passed on as it is.
  if (isList(calls) ? calls.length > 0 : calls != null) return true;
  if (isList(message["opaque"]) && message["opaque"].length > 0) return true;
  return message["refusal"] != null || message["reasoning"] != null || message["function_call"] != null;
}

function checkPart(part: unknown, role: unknown, at: string, issues: Issue[]): void {
  if (!isObject(part)) return mustBe("an object", part, at, issues);
  const type = part["type"];
  const check = PART_CHECKS.get(type);
  if (check === undefined) return checkPartType(type, `${at}.type`, issues);
  if (type !== "text" && typeof role === "string" && !RICH_ROLES.has(role)) {
    return tell(issues, `${at}.type`, `a message of role "${role}" takes text parts only`);
  }
  check(part, at, issues);
}

function checkToolFields(message: JsonObject, at: string, issues: Issue[]): void {
  const role = message["role"];
  const calls = message["tool_calls"];
  if (calls != null) {
    checkToolCalls(calls, `${at}.tool_calls`, issues);
    if (role !== "assistant" && !(isList(calls) && calls.length === 0)) {
      tell(issues, `${at}.tool_calls`, "only an assistant message has tool calls");
    }
  }
  if (role === "tool" && message["is_error"] != null) flag(message["is_error"], `${at}.is_error`, issues);
  const answered = message["tool_call_id"];
  if (role === "tool") checkNonEmptyText(answered, `${at}.tool_call_id`, issues);
  else if (answered != null) tell(issues, `${at}.tool_call_id`, "only a tool message answers a tool call");
}
