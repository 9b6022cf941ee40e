import { isList, isObject, type JsonObject } from "../../base/json.ts";
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

const MAX = Number.MAX_SAFE_INTEGER;
const CACHEABLE = {
  cache_control: orNull(objectOf({ type: oneOf(["ephemeral"]) }, { ttl: oneOf(["5m", "1h"]) })),
};

const checkHttps: Check = (value, field, issues) => {
  if (typeof value !== "string") return mustBe("a string", value, field, issues);
  if (!/^https:\/\//i.test(value)) tell(issues, field, "must be an https URL");
};

/** A member of one of several kinds, told apart by `type`; kinds this version does not know pass. */
function byType(checks: Readonly<Record<string, Check>>): Check {
  return (value, field, issues) => {
    if (!isObject(value)) return mustBe("an object", value, field, issues);
    const { type } = value;
    if (typeof type !== "string" || type === "")
      return mustBe("a non-empty string", type, `${field}.type`, issues);
    if (Object.hasOwn(checks, type)) checks[type]?.(value, field, issues);
  };
}

const base64 = objectOf({ media_type: textOf(1), data: textOf(1) }, {});
const checkSource = byType({
  base64,
  text: objectOf({ data: textOf(0) }, {}),
  url: objectOf({ url: checkHttps }, {}),
  file: objectOf({ file_id: textOf(1) }, {}),
});
const withSource = objectOf({ source: checkSource }, CACHEABLE);

const RESULT_BLOCKS = {
  text: objectOf({ text: textOf(0) }, CACHEABLE),
  image: withSource,
  document: withSource,
};

const checkResultContent: Check = (value, field, issues) => {
  if (typeof value === "string") return;
  if (isList(value)) listOf(byType(RESULT_BLOCKS), 0, MAX)(value, field, issues);
  else mustBe("a string or a list of blocks", value, field, issues);
};

const checkBlock = byType({
  ...RESULT_BLOCKS,
  tool_use: objectOf({ id: textOf(1), name: textOf(1), input: anyObject }, CACHEABLE),
  tool_result: objectOf(
    { tool_use_id: textOf(1) },
    { ...CACHEABLE, content: orNull(checkResultContent), is_error: orNull(flag) },
  ),
  thinking: objectOf({ thinking: textOf(0), signature: textOf(0) }, {}),
  redacted_thinking: objectOf({ data: textOf(0) }, {}),
});

/** Who may send a block: kinds that are not named are anybody's. */
const ROLE_OF: ReadonlyMap<unknown, string> = new Map([
  ["tool_use", "assistant"],
  ["thinking", "assistant"],
  ["redacted_thinking", "assistant"],
  ["tool_result", "user"],
  ["image", "user"],
]);
const checkRole = oneOf(["user", "assistant", "system"]);

const checkMessages: Check = (value, field, issues) => {
  if (!isList(value) || value.length === 0) return mustBe("a non-empty list", value, field, issues);
  for (let i = 0; i < value.length && issues.length < ISSUES_MAX; i++)
    checkMessage(value[i], `${field}[${i}]`, issues);
};

function checkMessage(message: unknown, at: string, issues: Issue[]): void {
  if (!isObject(message)) return mustBe("an object", message, at, issues);
  const { role, content } = message;
  checkRole(role, `${at}.role`, issues);
  if (typeof content === "string") return;
  if (!isList(content)) return mustBe("a string or a list of blocks", content, `${at}.content`, issues);
  for (let j = 0; j < content.length && issues.length < ISSUES_MAX; j++) {
    const block = content[j];
    const place = `${at}.content[${j}]`;
    checkBlock(block, place, issues);
    const whose = isObject(block) ? ROLE_OF.get(block["type"]) : undefined;
    if (whose !== undefined && whose !== role) {
      tell(issues, `${place}.type`, `only a message of role "${whose}" has blocks of this type`);
    }
  }
}

const systemBlock = objectOf({ type: oneOf(["text"]), text: textOf(0) }, CACHEABLE);
const checkSystem: Check = (value, field, issues) => {
  if (typeof value === "string") return;
  if (isList(value)) listOf(systemBlock, 0, MAX)(value, field, issues);
  else mustBe("a string or a list of blocks", value, field, issues);
};

const checkOwnTool = objectOf(
  { name: textOf(1), input_schema: anyObject },
  { ...CACHEABLE, description: textOf(0), strict: orNull(flag) },
);
const checkTool: Check = (value, field, issues) => {
  if (!isObject(value)) return mustBe("an object", value, field, issues);
  const { type } = value;
  if (type === undefined || type === null || type === "custom") checkOwnTool(value, field, issues);
  else {
    textOf(1)(type, `${field}.type`, issues);
    if (value["name"] !== undefined) textOf(1)(value["name"], `${field}.name`, issues);
  }
};

const checkToolChoice: Check = (value, field, issues) => {
  objectOf({ type: oneOf(["auto", "any", "tool", "none"]) }, { disable_parallel_tool_use: orNull(flag) })(
    value,
    field,
    issues,
  );
  if (isObject(value) && value["type"] === "tool") textOf(1)(value["name"], `${field}.name`, issues);
};

const typed = objectOf({ type: textOf(1) }, { budget_tokens: integerOf(1, MAX) });

const FIELD_CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["model", textOf(1, 256)],
  ["messages", checkMessages],
  ["max_tokens", integerOf(1, MAX)],
  ["system", checkSystem],
  ["temperature", numberOf(0, 1)],
  ["top_p", numberOf(0, 1)],
  ["top_k", integerOf(0, MAX)],
  ["stop_sequences", listOf(textOf(1), 0, MAX)],
  ["stream", flag],
  ["tools", listOf(checkTool, 0, MAX)],
  ["tool_choice", checkToolChoice],
  ["metadata", objectOf({}, { user_id: orNull(textOf(0, 512)) })],
  ["thinking", typed],
  ["output_config", objectOf({}, { effort: orNull(textOf(1)), format: orNull(typed) })],
  ["cache_control", CACHEABLE.cache_control],
]);

/** What is wrong with a body; fields this version does not know pass, and null counts as absent. */
export function issuesOf(body: JsonObject, required: readonly string[]): readonly Issue[] {
  const issues: Issue[] = [];
  for (const [field, check] of FIELD_CHECKS) {
    const value = body[field];
    if (value != null) check(value, field, issues);
    else if (required.includes(field)) tell(issues, field, "is required");
  }
  return issues;
}
