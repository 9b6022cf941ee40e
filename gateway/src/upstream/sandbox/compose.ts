import type { ContentPart, ToolDefinition } from "../../core/chat.ts";
import { limited, textAnswer, toolAnswer, type Answer } from "./answer.ts";
import { lastUserText, textOf, type SandboxRequest } from "./request.ts";
import { valueFor } from "./schema-value.ts";
import { HAIKU, SANDBOX_NOTE, STORY } from "./texts.ts";
import { titleFor } from "./title.ts";
import { headOf } from "./tokens.ts";

const QUOTE_BYTES_MAX = 400;
const TITLE_WANTED = /\btitles?\b/i;
const HAIKU_WANTED = /\bhaiku\b/i;
const STORY_WANTED = /\b(?:tell|write|read)\b.*\bstory\b/is;

/** The sandbox's answer to a request: a function of the request alone. */
export function compose(request: SandboxRequest): Answer {
  const calls = toolsToCall(request).map((tool) => ({
    name: tool.function.name,
    args: JSON.stringify(valueFor(tool.function.parameters ?? { type: "object" })),
  }));
  const answer = calls.length > 0 ? toolAnswer(calls) : textAnswer(formatted(request), request.stop);
  return limited(answer, request.maxTokens);
}

function toolsToCall(request: SandboxRequest): readonly ToolDefinition[] {
  const { tools, toolChoice } = request;
  // A tool has just answered: calling again would send agents round in circles.
  if (toolChoice === "none" || request.messages.at(-1)?.role === "tool") return [];
  if (typeof toolChoice === "object") {
    return tools.filter((tool) => tool.function.name === toolChoice.function.name).slice(0, 1);
  }
  const said = lastUserText(request).toLowerCase();
  const named = tools.filter(({ function: { name } }) => {
    const lower = name.toLowerCase();
    return said.includes(lower) || said.includes(lower.replaceAll(/[_-]+/g, " "));
  });
  const chosen = named.length === 0 && toolChoice === "required" ? tools.slice(0, 1) : named;
  return request.parallelToolCalls ? chosen : chosen.slice(0, 1);
}

function formatted(request: SandboxRequest): string {
  const format = request.responseFormat;
  if (format.type === "json_schema" && format.json_schema.schema !== undefined) {
    return JSON.stringify(valueFor(format.json_schema.schema));
  }
  const text = inWords(request);
  return format.type === "text" ? text : JSON.stringify({ answer: text });
}

function inWords(request: SandboxRequest): string {
  const last = request.messages.at(-1);
  if (last?.role === "tool") return toolReport(request);
  const instructions = request.messages.filter(({ role }) => role === "system" || role === "developer");
  const said = lastUserText(request);
  if (instructions.some((message) => TITLE_WANTED.test(textOf(message)))) return titleFor(said);
  if (HAIKU_WANTED.test(said)) return HAIKU;
  if (STORY_WANTED.test(said)) return STORY;
  return [echo(said), attachments(request), SANDBOX_NOTE].filter((part) => part !== "").join(" ");
}

function toolReport(request: SandboxRequest): string {
  const firstAnswer = request.messages.findLastIndex(({ role }) => role !== "tool") + 1;
  const answers = request.messages.slice(firstAnswer).map((message) => textOf(message));
  return `The tool answered: ${answers.join("; ")}`;
}

function echo(said: string): string {
  if (said === "") return "You sent no text.";
  const quoted = headOf(said, QUOTE_BYTES_MAX);
  return `You said: “${quoted}${quoted === said ? "" : "…"}”.`;
}

const PART_NAMES: Readonly<Record<Exclude<ContentPart["type"], "text">, string>> = {
  image_url: "image",
  input_audio: "audio clip",
  file: "file",
};

/** Says what came along besides text, so that an integrator sees that it arrived. */
function attachments(request: SandboxRequest): string {
  const counts = new Map<string, number>();
  for (const { content } of request.messages) {
    for (const part of typeof content === "object" ? (content ?? []) : []) {
      const name = part.type === "text" ? undefined : PART_NAMES[part.type];
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const listed = [...counts].map(([name, count]) => `${count} ${name}${count === 1 ? "" : "s"}`);
  return listed.length === 0 ? "" : `It came with ${listed.join(" and ")}.`;
}
