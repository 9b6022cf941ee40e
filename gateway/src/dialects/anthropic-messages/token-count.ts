import { isObject, type JsonObject } from "../../base/json.ts";
import type { ChatRequest } from "../../core/chat.ts";
import type { BuildOptions, BuiltRequest } from "../../core/dialect.ts";
import { countOf } from "../usage-counts.ts";
import { build } from "./request.ts";

const PATH = "/v1/messages/count_tokens";

/** What of a request a count is made of; all else is refused there. */
const COUNTED: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "cache_control",
  "context_management",
  "mcp_servers",
]);

/** The same prompt, to be counted alone. */
export function buildCount(request: ChatRequest, options: BuildOptions): BuiltRequest {
  const built = build(request, options);
  const body = JSON.parse(built.body) as JsonObject;
  const counted = Object.entries(body).filter(([field]) => COUNTED.has(field));
  return { ...built, path: PATH, body: JSON.stringify(Object.fromEntries(counted)) };
}

/** The count that was answered. */
export function readCount(text: string): number | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? countOf(body["input_tokens"]) : undefined;
  } catch {
    return undefined;
  }
}
