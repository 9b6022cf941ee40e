import type { ChatRequest } from "../core/chat.ts";

/** Fields of the middle form that every native format says in one way or another, or that are ours to fulfil. */
const EVERYWHERE = [
  "model",
  "messages",
  "max_tokens",
  "temperature",
  "top_p",
  "top_k",
  "stop",
  "stream",
  "stream_options",
  "tools",
  "tool_choice",
  "response_format",
  "reasoning_effort",
  "n",
  "metadata",
] as const;

/** The fields that a native format says: those that all of them say, and some more. */
export function saidFields(...more: readonly string[]): ReadonlySet<string> {
  return new Set([...EVERYWHERE, ...more]);
}

/** The fields of a request that are said nowhere, and so are dropped; what asks for nothing is not among them. */
export function unsaidIn(request: ChatRequest, isSaid: (field: string) => boolean): string[] {
  const unsaid: string[] = [];
  for (const [field, value] of Object.entries(request)) {
    if (value === undefined || isSaid(field)) continue;
    // They say nothing that is not so anyway.
    if (field === "parallel_tool_calls" && value === true) continue;
    if (field === "logprobs" && value === false) continue;
    unsaid.push(field);
  }
  return unsaid;
}

/** The texts that end an answer, as a list; undefined for none. */
export function stopsOf({ stop }: ChatRequest): readonly string[] | undefined {
  const stops = typeof stop === "string" ? [stop] : stop;
  return stops === undefined || stops.length === 0 ? undefined : stops;
}
