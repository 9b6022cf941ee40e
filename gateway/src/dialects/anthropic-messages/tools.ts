import type { JsonObject } from "../../base/json.ts";
import type { ChatRequest, ToolDefinition } from "../../core/chat.ts";
import { isFunction } from "./refuse.ts";

/** `tools` and `tool_choice`, where there are tools. */
export function toolFields({ tools = [], tool_choice, parallel_tool_calls }: ChatRequest): JsonObject {
  if (tools.length === 0) return {};
  const choice = choiceOf(tool_choice, parallel_tool_calls === false);
  return { tools: tools.map(toolOf), ...(choice && { tool_choice: choice }) };
}

function toolOf(tool: ToolDefinition): object {
  // Tools of this format's own kinds come from its door, and are sent as they came.
  if (!isFunction(tool)) return tool;
  const { name, description, parameters, strict } = tool.function;
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: { type: "object", ...parameters },
    ...(strict === true && { strict }),
    ...(tool.cache_control != null && { cache_control: tool.cache_control }),
  };
}

function choiceOf(choice: ChatRequest["tool_choice"], isSerial: boolean): JsonObject | undefined {
  const serial = isSerial ? { disable_parallel_tool_use: true } : {};
  if (choice === "none") return { type: "none" };
  if (choice === "required") return { type: "any", ...serial };
  if (typeof choice === "object") return { type: "tool", name: choice.function.name, ...serial };
  return choice === "auto" || isSerial ? { type: "auto", ...serial } : undefined;
}
