import type { Plan, UsageMode } from "./plan.ts";

/** What was really used, before a plan decides what to say about it. */
export interface TrueUsage {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
  readonly reasoning: number;
}

export interface AnswerIdentity {
  readonly id: string;
  readonly model: string;
  readonly created: number;
}

const TOKEN_BYTES = 4;
const WORDS = ["aqua", "bolt", "crag", "dune", "echo", "fern", "gale", "haze"] as const;
const GLYPHS = ["🐚", "🌊", "🌋", "🌙", "🌵", "🌿", "🍃", "🍄"] as const;

/** The text of the i-th token: always four bytes of UTF-8. */
export function tokenText(i: number, utf8: boolean): string {
  const texts = utf8 ? GLYPHS : WORDS;
  return texts[i % texts.length] ?? WORDS[0];
}

/** `count` tokens as one text. */
export function textOf(count: number, utf8: boolean): string {
  let text = "";
  for (let i = 0; i < count; i++) text += tokenText(i, utf8);
  return text;
}

/** The tokens a text has here: its UTF-8 bytes / 4, rounded up. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / TOKEN_BYTES);
}

const USAGE_SENTENCES: Readonly<Record<UsageMode, (used: TrueUsage) => unknown>> = {
  right: usageObject,
  unasked: usageObject,
  repeated: usageObject,
  missing: () => undefined,
  zero: () => ({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }),
  negative: (used) => ({
    prompt_tokens: -used.prompt,
    completion_tokens: -1,
    total_tokens: -used.prompt - 1,
  }),
  huge: () => ({ prompt_tokens: 1e18, completion_tokens: 1e18, total_tokens: 2e18 }),
  fractional: (used) => usageObject({ ...used, completion: used.completion + 0.5 }),
  string: (used) => ({
    prompt_tokens: `${used.prompt}`,
    completion_tokens: `${used.completion}`,
    total_tokens: `${used.prompt + used.completion}`,
  }),
  "cached-over": (used) => usageObject({ ...used, cached: used.prompt + 10 }),
  lying: (used) => usageObject({ ...used, prompt: used.prompt * 10, completion: used.completion * 10 }),
  dense: (used) => usageObject({ ...used, prompt: used.prompt * 2, completion: used.completion * 2 }),
  partial: (used) => ({ prompt_tokens: used.prompt }),
};

function usageObject(used: TrueUsage) {
  return {
    prompt_tokens: used.prompt,
    completion_tokens: used.completion,
    total_tokens: used.prompt + used.completion,
    ...(used.cached > 0 && { prompt_tokens_details: { cached_tokens: used.cached } }),
    ...(used.reasoning > 0 && { completion_tokens_details: { reasoning_tokens: used.reasoning } }),
  };
}

/** The `usage` this plan sends for what was used; undefined = none. */
export function usageSentence(mode: UsageMode, used: TrueUsage): unknown {
  return USAGE_SENTENCES[mode](used);
}

/** The arguments of the `call`-th tool call, as JSON text. */
export function toolArguments(call: number): string {
  return JSON.stringify({ city: WORDS[call % WORDS.length], day: call, unit: "celsius" });
}

/** A tool call's text cut into `pieces` parts of nearly the same length, empty ones left out. */
export function cutInto(text: string, pieces: number): readonly string[] {
  const size = Math.max(1, Math.ceil(text.length / Math.max(1, pieces)));
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += size) parts.push(text.slice(at, at + size));
  return parts;
}

/** The tool call in the form of a whole answer. */
export function toolCall(call: number, args = toolArguments(call)) {
  return { id: `call_fake_${call}`, type: "function", function: { name: "get_weather", arguments: args } };
}

/** The message of a whole answer: content, or tool calls where the plan has them. */
export function wholeMessage(plan: Plan, tokens: number): object {
  const calls = Array.from({ length: plan.tools }, (_, call) => toolCall(call));
  return {
    role: "assistant",
    content: tokens === 0 && calls.length > 0 ? null : textOf(tokens, plan.utf8),
    ...(plan.reasoning > 0 && { [plan.reasoningField]: textOf(plan.reasoning, false) }),
    ...(calls.length > 0 && { tool_calls: calls }),
  };
}

/** A whole `chat.completion`. */
export function wholeAnswer(
  who: AnswerIdentity,
  message: object,
  choices: number,
  finish: string | null,
  usage: unknown,
): string {
  return JSON.stringify({
    id: who.id,
    object: "chat.completion",
    created: who.created,
    model: who.model,
    choices: Array.from({ length: choices }, (_, index) => ({ index, message, finish_reason: finish })),
    ...(usage !== undefined && { usage }),
  });
}

/** One `chat.completion.chunk`. */
export function chunk(who: AnswerIdentity, choices: readonly object[], usage?: unknown): string {
  return JSON.stringify({
    id: who.id,
    object: "chat.completion.chunk",
    created: who.created,
    model: who.model,
    choices,
    ...(usage !== undefined && { usage }),
  });
}

/** An error in the form OpenAI gives it. */
export function errorBody(status: number, code: string | undefined, message: string): string {
  const type = status === 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error";
  return JSON.stringify({ error: { message, type, param: null, code: code ?? null } });
}
