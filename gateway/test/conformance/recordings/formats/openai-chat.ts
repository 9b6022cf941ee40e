import { isList, isObject } from "../../../../src/base/json.ts";
import { openaiChat } from "../../../../src/dialects/openai-chat/openai-chat.ts";
import type { Oracle } from "../oracle.ts";
import type { RecordedFormat } from "../recording.ts";

/** What the recordings hold: string content, numbered tool calls, OpenAI's usage. */
interface RecordedCall {
  index?: number;
  id?: string;
  function?: { name?: string; arguments?: string };
}

interface RecordedMessage {
  content?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  refusal?: string | null;
  tool_calls?: RecordedCall[] | null;
  annotations?: unknown[];
}

interface RecordedUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  cached_tokens?: number;
  prompt_tokens_details?: { cached_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
}

interface RecordedBody {
  choices: { delta?: RecordedMessage; message?: RecordedMessage; finish_reason?: string | null }[];
  usage?: RecordedUsage | null;
  /** Beside the choices; in a stream all of them so far with each chunk. */
  citations?: unknown[];
  search_results?: unknown[];
}

function read(json: readonly object[]): Oracle {
  const bodies = json as readonly RecordedBody[];
  const choices = bodies.flatMap((body) => body.choices);
  const said = choices.map((choice) => choice.delta ?? choice.message ?? {});
  const usage = bodies.map((body) => body.usage).findLast((found) => found != null);
  const extra = Object.entries({
    annotations: said.flatMap((message) => message.annotations ?? []),
    citations: bodies.findLast((body) => body.citations)?.citations ?? [],
    search_results: bodies.findLast((body) => body.search_results)?.search_results ?? [],
  }).filter(([, items]) => items.length > 0);
  return {
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
    text: said.map((message) => message.content ?? "").join(""),
    reasoning: said.map((message) => message.reasoning_content ?? message.reasoning ?? "").join(""),
    refusal: said.map((message) => message.refusal ?? "").join(""),
    calls: joinCalls(said.flatMap((message) => message.tool_calls ?? [])),
    finish: choices.map((choice) => choice.finish_reason).findLast((reason) => reason != null) ?? null,
    prompt: usage?.prompt_tokens,
    answer: usage && usage.total_tokens - usage.prompt_tokens,
    cached: usage?.prompt_tokens_details?.cached_tokens ?? usage?.cached_tokens ?? 0,
    reasoned: usage?.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

function joinCalls(pieces: readonly RecordedCall[]): { id: string; name: string; arguments: string }[] {
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  for (const [at, piece] of pieces.entries()) {
    const key = piece.index ?? at;
    const call = calls.get(key) ?? { id: "", name: "", arguments: "" };
    call.id ||= piece.id ?? "";
    call.name ||= piece.function?.name ?? "";
    call.arguments += piece.function?.arguments ?? "";
    calls.set(key, call);
  }
  return [...calls.values()];
}

/** OpenAI's chat completions, as many vendors speak it. */
export const openaiChatRecordings: RecordedFormat = {
  dialect: openaiChat,
  recognises({ choices }) {
    const first = isList(choices) ? choices[0] : undefined;
    return isObject(first) && (first["delta"] !== undefined || first["message"] !== undefined);
  },
  terminal: "[DONE]",
  read,
};
