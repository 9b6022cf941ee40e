import { isList, isObject, type JsonObject } from "../../base/json.ts";
import { type ChatRequest, ORIGINAL } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { messageIssues } from "./messages.ts";

/** A field of the request that cannot be sent with this value. */
interface RefusedField {
  readonly field: string;
  /** Values that are as good as none. Absent and null always pass. */
  readonly passes?: (value: unknown) => boolean;
  readonly message: string;
}

const NO_PRICE = "costs extra and has no price here";

/**
 * What the provider charges for beside tokens, or at another price. What it runs by itself (tools, servers, agents)
 * reads and writes tokens that no limit of the request bounds.
 */
const UNPRICED_FIELDS: readonly RefusedField[] = [
  {
    field: "service_tier",
    passes: (value) => value === "auto" || value === "standard_only" || value === "default",
    message: `${NO_PRICE}: leave it out`,
  },
  { field: "speed", passes: (value) => value === "standard", message: `${NO_PRICE}: leave it out` },
  {
    field: "inference_geo",
    passes: (value) => value === "global",
    message: `${NO_PRICE}: leave it out or send "global"`,
  },
  { field: "container", message: NO_PRICE },
  { field: "mcp_servers", passes: isEmptyList, message: `servers that the provider calls: ${NO_PRICE}` },
  { field: "fallbacks", passes: isEmptyList, message: "the gateway chooses the model; use a routing policy" },
  { field: "web_search_options", message: NO_PRICE },
  { field: "audio", message: `audio output ${NO_PRICE}` },
  {
    field: "modalities",
    passes: (value) => isList(value) && value.every((modality) => modality === "text"),
    message: `only "text" is possible: other output ${NO_PRICE}`,
  },
];

const NO_PLACE = "this model's provider has no place for it";

/** What would change the answer, and which this format cannot say. */
const INEXPRESSIBLE_FIELDS: readonly RefusedField[] = [
  { field: "n", passes: (value) => value === 1, message: `only one answer is possible: ${NO_PLACE}` },
  { field: "logprobs", passes: (value) => value === false, message: NO_PLACE },
  { field: "functions", message: "is no longer understood: use tools" },
  {
    field: "temperature",
    passes: (value) => typeof value === "number" && value <= 1,
    message: "must be a number from 0 to 1 for this model",
  },
  {
    field: "response_format",
    passes: (value) => isObject(value) && value["type"] !== "json_object",
    message: `"json_object" is not possible for this model: give a schema, as "json_schema"`,
  },
];

/** Kinds of tool that the caller runs, or that only look tools up among those of the request. */
const CALLERS_TOOL =
  /^(?:custom|(?:bash|text_editor|memory|computer|computer_toolset|browser_toolset|tool_search_tool_(?:bm25|regex))_\d{8})$/;

function isEmptyList(value: unknown): boolean {
  return isList(value) && value.length === 0;
}

/** Whether a tool is one of the middle form's own kind. */
export function isFunction(tool: unknown): boolean {
  return isObject(tool) && tool["type"] === "function";
}

/** Why a request cannot be sent in this format. */
export function refuse(request: ChatRequest): readonly Issue[] {
  const original = request[ORIGINAL];
  const isOwn = original?.dialect === "anthropic-messages";
  const fields: JsonObject = isOwn ? { ...request, ...original.body } : { ...request };
  const issues: Issue[] = [];
  for (const { field, passes, message } of [...UNPRICED_FIELDS, ...INEXPRESSIBLE_FIELDS]) {
    const value = fields[field];
    if (value === undefined || value === null || passes?.(value) === true) continue;
    issues.push({ field, message });
  }
  issues.push(...toolIssues(fields["tools"]));
  return isOwn ? issues : [...issues, ...messageIssues(request.messages)];
}

function toolIssues(tools: unknown): readonly Issue[] {
  if (!isList(tools)) return [];
  return tools.flatMap((tool, i) => {
    const type = isObject(tool) ? tool["type"] : undefined;
    const isRun = typeof type === "string" && type !== "function" && !CALLERS_TOOL.test(type);
    const isNamed = isObject(tool) && (type === undefined || type === null || typeof type === "string");
    if (isNamed && !isRun) return [];
    const message = `a tool that the provider runs ${NO_PRICE}: leave it out, or run one of your own by name and input_schema`;
    return [{ field: `tools[${i}].type`, message }];
  });
}
