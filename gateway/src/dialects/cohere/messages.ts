import type { JsonObject } from "../../base/json.ts";
import type { ChatMessage, ContentPart, Opaque } from "../../core/chat.ts";

/** Whether this was made by Cohere's models, and so is for them. */
export function isCoheres({ family }: Opaque): boolean {
  return family === "cohere";
}

/** A message in Cohere's form. */
export function messageOf(message: ChatMessage): JsonObject {
  const { role, content } = message;
  switch (role) {
    case "system":
    case "developer":
      return { role: "system", content: contentOf(content) };
    case "user":
      return { role, content: contentOf(content) };
    case "tool":
      return { role, tool_call_id: message.tool_call_id, content: contentOf(content) };
    case "assistant":
      return assistantOf(message);
  }
}

function assistantOf({ content, refusal, tool_calls, opaque = [] }: ChatMessage): JsonObject {
  const own = opaque.filter(isCoheres);
  const thinking = own.flatMap(({ data }) =>
    typeof data["thinking"] === "string" ? [data["thinking"]] : [],
  );
  const plan = own.map(({ data }) => data["tool_plan"]).find((text) => typeof text === "string");
  const text = textOf(content) + (refusal ?? "");
  const thoughts = thinking.map((one) => ({ type: "thinking", thinking: one }));
  const parts = text === "" ? thoughts : [...thoughts, { type: "text", text }];
  const calls = tool_calls?.map(({ id, type, function: fn }) => ({ id, type, function: fn }));
  return {
    role: "assistant",
    ...(parts.length > 0 && { content: thoughts.length > 0 ? parts : text }),
    // Beside calls there is a plan and no content.
    ...(plan !== undefined && calls !== undefined && { tool_plan: plan }),
    ...(calls !== undefined && { tool_calls: calls }),
  };
}

function textOf(content: ChatMessage["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
}

function contentOf(content: ChatMessage["content"]): string | readonly JsonObject[] {
  return typeof content === "string" ? content : (content ?? []).map(partOf);
}

/** Parts of other kinds have been refused. */
function partOf(part: ContentPart): JsonObject {
  if (part.type === "image_url") return { type: "image_url", image_url: part.image_url };
  return { type: "text", text: part.type === "text" ? part.text : "" };
}
