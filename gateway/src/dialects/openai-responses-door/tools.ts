import { isList, isObject, type JsonObject } from "../../base/json.ts";
import type { ToolChoice, ToolDefinition } from "../../core/chat.ts";
import type { Issue } from "../../core/dialect.ts";
import { anyObject, flag, mustBe, objectOf, orNull, tell, textOf } from "../chat-completions/check.ts";

/** Tools that the provider runs, and charges for. */
const OF_PROVIDER =
  /^(?:web_search|file_search|code_interpreter|image_generation|mcp|computer|tool_search|programmatic_tool_calling)/;

const checkFunction = objectOf(
  { name: textOf(1) },
  { description: orNull(textOf(0)), parameters: orNull(anyObject), strict: orNull(flag) },
);

/** The functions a caller offers. */
export function readTools(tools: unknown, issues: Issue[]): readonly ToolDefinition[] {
  if (tools === undefined || tools === null) return [];
  if (!isList(tools)) {
    mustBe("a list", tools, "tools", issues);
    return [];
  }
  return tools.flatMap((tool, i) => {
    if (!isObject(tool)) {
      mustBe("an object", tool, `tools[${i}]`, issues);
      return [];
    }
    return readTool(tool, `tools[${i}]`, issues);
  });
}

function readTool(tool: JsonObject, at: string, issues: Issue[]): readonly ToolDefinition[] {
  const { type, name, description, parameters, strict } = tool;
  if (type !== "function") {
    const isProviders = typeof type === "string" && OF_PROVIDER.test(type);
    const why = isProviders
      ? "a tool that the provider runs costs extra and has no price here: leave it out, or run a function of your own"
      : "others are not possible";
    tell(issues, `${at}.type`, `must be "function": ${why}`);
    return [];
  }
  const before = issues.length;
  checkFunction(tool, at, issues);
  if (issues.length > before || typeof name !== "string") return [];
  const fn = {
    name,
    ...(typeof description === "string" && { description }),
    ...(isObject(parameters) && { parameters }),
    ...(typeof strict === "boolean" && { strict }),
  };
  return [{ type, function: fn }];
}

/** Which tools there are for this answer, and which of them it must use. */
export interface Choice {
  readonly tools: readonly ToolDefinition[];
  readonly tool_choice?: ToolChoice;
}

/** Reads `tool_choice`. Of tools that are not among the allowed ones the model is not told. */
export function readChoice(choice: unknown, tools: readonly ToolDefinition[], issues: Issue[]): Choice {
  if (choice === undefined || choice === null) return { tools };
  if (choice === "none" || choice === "auto" || choice === "required") return { tools, tool_choice: choice };
  if (!isObject(choice)) {
    mustBe(`"none", "auto", "required" or an object`, choice, "tool_choice", issues);
    return { tools };
  }
  const { type, name, mode } = choice;
  if (type === "function") {
    if (typeof name === "string" && name !== "") return { tools, tool_choice: { type, function: { name } } };
    mustBe("a string", name, "tool_choice.name", issues);
  } else if (type === "allowed_tools") {
    const named = isList(choice["tools"])
      ? choice["tools"].map((tool) => (isObject(tool) ? tool["name"] : tool))
      : [];
    if (mode === "auto" || mode === "required") {
      return { tools: tools.filter((tool) => named.includes(tool.function.name)), tool_choice: mode };
    }
    tell(issues, "tool_choice.mode", `must be "auto" or "required"`);
  } else tell(issues, "tool_choice.type", `must be "function" or "allowed_tools"`);
  return { tools };
}
