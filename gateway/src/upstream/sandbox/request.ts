import type {
  ChatMessage,
  ChatRequest,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from "../../core/chat.ts";

/** What the sandbox heeds of a chat call in the OpenAI format. */
export interface SandboxRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  readonly choices: number;
  readonly includeUsage: boolean;
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
  readonly responseFormat: ResponseFormat;
}

const CHOICES_MAX = 128;

interface WireChat extends ChatRequest {
  /** The other name of `max_tokens`. */
  readonly max_completion_tokens?: number;
}

/** The body has passed the gateway's own door and its own dialect, so only its outline is checked. */
function isChat(value: unknown): value is WireChat {
  return typeof value === "object" && value !== null && "messages" in value && Array.isArray(value.messages);
}

/** Reads a body; undefined when it is no chat call at all. */
export function readRequest(body: string | undefined): SandboxRequest | undefined {
  let chat: unknown;
  try {
    chat = JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
  if (!isChat(chat)) return undefined;
  const stop = chat.stop ?? [];
  return {
    model: chat.model,
    messages: chat.messages,
    maxTokens: chat.max_tokens ?? chat.max_completion_tokens,
    stop: (typeof stop === "string" ? [stop] : stop).filter((text) => text !== ""),
    choices: Math.min(Math.max(chat.n ?? 1, 1), CHOICES_MAX),
    includeUsage: chat.stream_options?.include_usage === true,
    tools: chat.tools ?? [],
    toolChoice: chat.tool_choice ?? "auto",
    parallelToolCalls: chat.parallel_tool_calls !== false,
    responseFormat: chat.response_format ?? { type: "text" },
  };
}

/** The text of a message, its parts joined by line breaks. */
export function textOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? "";
  if (typeof content === "string") return content;
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}

/** The last thing the user said. */
export function lastUserText(request: SandboxRequest): string {
  return textOf(request.messages.findLast((message) => message.role === "user"));
}
