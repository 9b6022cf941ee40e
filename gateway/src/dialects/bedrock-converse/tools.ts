import type { JsonObject } from "../../base/json.ts";
import type { ChatRequest, ToolChoice, ToolDefinition } from "../../core/chat.ts";
import { type Block } from "./media.ts";
import { cachePoint } from "./messages.ts";

/** A schema that lets everything through. */
const ANY_OBJECT = { type: "object", properties: {} };

/** `toolConfig`, and whether the choice could be said. */
export interface Tools {
  readonly config: JsonObject | undefined;
  readonly isChoiceLost: boolean;
}

/**
 * Tools and the choice among them. A history with calls must declare tools, whatever is asked for now; and that none
 * is to be called can only be said by declaring none.
 */
export function toolsOf({ tools = [], tool_choice: choice, messages }: ChatRequest): Tools {
  const called = messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ function: fn }) => fn.name));
  const isNone = choice === "none";
  if (called.length === 0 && (tools.length === 0 || isNone))
    return { config: undefined, isChoiceLost: false };
  const declared = new Set(tools.map(({ function: fn }) => fn.name));
  const former = [...new Set(called)].filter((name) => !declared.has(name));
  const specs = [...tools.flatMap(specOf), ...(tools.length === 0 ? former.map(formerSpec) : [])];
  const chosen = choice === undefined || isNone || tools.length === 0 ? undefined : choiceOf(choice);
  return { config: { tools: specs, toolChoice: chosen }, isChoiceLost: isNone };
}

function specOf({ function: fn, cache_control: mark }: ToolDefinition): readonly Block[] {
  const { name, description, parameters } = fn;
  const json = parameters === undefined || Object.keys(parameters).length === 0 ? ANY_OBJECT : parameters;
  const said = description === undefined || description === "" ? {} : { description };
  const spec = { toolSpec: { name, ...said, inputSchema: { json } } };
  return mark == null ? [spec] : [spec, cachePoint(mark)];
}

function formerSpec(name: string): Block {
  return { toolSpec: { name, description: "Not available any more.", inputSchema: { json: ANY_OBJECT } } };
}

function choiceOf(choice: Exclude<ToolChoice, "none">): JsonObject {
  if (choice === "auto") return { auto: {} };
  return choice === "required" ? { any: {} } : { tool: { name: choice.function.name } };
}
