/**
 * What a recorded answer says, read straight from its own fields, without any of the code under test. It knows
 * only what the recordings hold: string content, numbered tool calls, OpenAI's usage.
 */
export interface Oracle {
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly calls: readonly { id: string; name: string; arguments: string }[];
  readonly finish: string | null;
  /** Of the last usage; undefined where none was recorded. */
  readonly prompt: number | undefined;
  /** Everything that is not prompt. */
  readonly answer: number | undefined;
  readonly cached: number;
  readonly reasoned: number;
}

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
}

/** Reads a recorded body, or the chunks of a recorded stream. */
export function readRecording(json: readonly string[]): Oracle {
  const bodies = json.map((line) => JSON.parse(line) as RecordedBody);
  const choices = bodies.flatMap((body) => body.choices);
  const said = choices.map((choice) => choice.delta ?? choice.message ?? {});
  const usage = bodies.map((body) => body.usage).findLast((found) => found != null);
  return {
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
