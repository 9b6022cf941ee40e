import { field, readEnvelope, textOf } from "../../api/envelope.ts";
import { ApiFailure, unreachable } from "../../api/failure.ts";
import { eventsOf } from "../../lib/sse.ts";

const CHAT_PATH = "/v1/inference/chat";
/** The gateway says something at least every quarter of this. */
const SILENCE_MS_MAX = 60_000;

/** What is asked of a model, as its form holds it. */
export interface Prompt {
  readonly model: string;
  readonly system: string;
  readonly message: string;
  readonly maxTokens: string;
  readonly temperature: string;
}

/** The request as the API takes it. */
export interface ChatBody {
  readonly model: string;
  readonly messages: readonly { readonly role: "system" | "user"; readonly content: string }[];
  readonly stream: true;
  readonly max_tokens?: number;
  readonly temperature?: number;
}

/** The body of a call, without what was left empty. */
export function chatBody({ model, system, message, maxTokens, temperature }: Prompt): ChatBody {
  return {
    model,
    messages: [
      ...(system.trim() === "" ? [] : [{ role: "system" as const, content: system }]),
      { role: "user", content: message },
    ],
    stream: true,
    ...(maxTokens !== "" && { max_tokens: Number(maxTokens) }),
    ...(temperature !== "" && { temperature: Number(temperature) }),
  };
}

/** How an answer came, as far as it has. */
export interface Answer {
  readonly text: string;
  readonly reasoning: string;
  readonly requestId?: string;
  /** Milliseconds to the first content, seen from this browser. */
  readonly firstMs?: number;
  readonly totalMs?: number;
  readonly finish?: string;
  readonly tokensIn?: number;
  readonly tokensOut?: number;
}

/**
 * Asks a model with a key, and tells of the answer as it grows. Throws ApiFailure: for a refusal, for a failure on the
 * way, and where the connection breaks off. An abort of `signal` rejects with its reason.
 */
export async function run(
  key: string,
  body: ChatBody,
  signal: AbortSignal,
  onAnswer: (answer: Answer) => void,
): Promise<Answer> {
  const startedMs = performance.now();
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
  try {
    const response = await fetch(CHAT_PATH, {
      method: "POST",
      credentials: "omit",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, silence.signal]),
    });
    const id = response.headers.get("x-scaigrid-request-id");
    let answer: Answer = { text: "", reasoning: "", ...(id !== null && { requestId: id }) };
    if (!response.ok || !response.body) throw await refusalOf(response);
    for await (const { name, data } of eventsOf(response.body)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
      if (name === "error") throw failureOf(data, answer);
      if (data === "[DONE]") return { ...answer, totalMs: performance.now() - startedMs };
      answer = grown(answer, JSON.parse(data), performance.now() - startedMs);
      onAnswer(answer);
    }
    throw unreachable(response.status);
  } catch (error) {
    if (signal.aborted || error instanceof ApiFailure) throw error;
    throw unreachable(0);
  } finally {
    clearTimeout(timer);
  }
}

async function refusalOf(response: Response): Promise<ApiFailure> {
  try {
    readEnvelope(response.status, await response.json());
  } catch (error) {
    if (error instanceof ApiFailure) return error;
  }
  return unreachable(response.status);
}

function failureOf(data: string, { requestId }: Answer): ApiFailure {
  const error: unknown = JSON.parse(data);
  return new ApiFailure(textOf(field(error, "message")) ?? "The answer broke off.", {
    status: 200,
    code: textOf(field(error, "code")) ?? "UNKNOWN",
    hint: "What came before is not a whole answer.",
    requestId,
  });
}

function grown(answer: Answer, event: unknown, atMs: number): Answer {
  const choices = field(event, "choices");
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const delta = field(choice, "delta");
  const said = textOf(field(delta, "content")) ?? "";
  const thought = textOf(field(delta, "reasoning")) ?? "";
  const finish = textOf(field(choice, "finish_reason"));
  const usage = field(event, "usage");
  const [tokensIn, tokensOut] = [field(usage, "prompt_tokens"), field(usage, "completion_tokens")];
  return {
    ...answer,
    text: answer.text + said,
    reasoning: answer.reasoning + thought,
    ...(answer.firstMs === undefined && said + thought !== "" && { firstMs: atMs }),
    ...(finish !== undefined && { finish }),
    ...(typeof tokensIn === "number" && { tokensIn }),
    ...(typeof tokensOut === "number" && { tokensOut }),
  };
}
