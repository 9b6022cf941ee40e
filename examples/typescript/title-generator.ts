/**
 * Gives conversations their titles, the way a chat application does it in the background: errors told apart by their
 * code, another attempt where one helps, no sooner than asked, and an account of what was used.
 *
 *   export SCAIGRID_API_KEY=sgk_…
 *   node title-generator.ts "Hey, what's a good recipe for carbonara?" "How do I repair a flat tyre?"
 *
 * To see the attempts, let the sandbox fail twice:
 *
 *   SIMULATE='{"error":"BACKEND_RATE_LIMITED","retry_after":2,"times":2}' node title-generator.ts
 */
import process from "node:process";

const BASE_URL = process.env["SCAIGRID_BASE_URL"] ?? "http://localhost:8000";
const API_KEY = process.env["SCAIGRID_API_KEY"];
const SIMULATE = process.env["SIMULATE"];
const MODEL = "scailabs/poolnoodle-omni";
const INSTRUCTION = "You generate conversation titles. Reply with ONLY the title, max 6 words.";

const TIMEOUT_MS = 30_000;
const ATTEMPTS_MAX = 3;
/** Nobody waits longer than this for a title, whatever the gateway asks for. */
const WAIT_SECONDS_MAX = 60;
/** The codes after which the same call may well succeed. Every other one means: change something first. */
const WORTH_ANOTHER_ATTEMPT: ReadonlySet<string> = new Set([
  "BACKEND_RATE_LIMITED",
  "BACKEND_TIMEOUT",
  "BACKEND_ERROR",
  "MODEL_UNAVAILABLE",
  "RATE_LIMITED",
  "OVERLOADED",
  "DEPENDENCY_UNAVAILABLE",
  "SHUTTING_DOWN",
]);

interface Problem {
  readonly code: string;
  readonly message: string;
  /** Seconds. */
  readonly retry_after?: number;
  readonly hint?: string;
}

interface Chat {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number };
}

/** One line of the usage summary; amounts are exact decimals, hence text. */
interface Usage {
  readonly group_key: string;
  readonly request_count: number;
  readonly total_tokens: number;
  readonly total_cost: string;
}

type Reply<Data> = (
  { readonly status: "ok"; readonly data: Data } | { readonly status: "error"; readonly error: Problem }
) & { readonly meta: { readonly request_id: string } };

/** A refusal or failure that the gateway has told. */
class ScaiGridError extends Error {
  readonly code: string;
  readonly requestId: string;
  readonly retryAfterSeconds: number | undefined;

  constructor({ code, message, hint, retry_after: retryAfter }: Problem, requestId: string) {
    super(`${code}: ${message}${hint === undefined ? "" : ` ${hint}`} (${requestId})`);
    this.name = "ScaiGridError";
    this.code = code;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfter;
  }
}

/** One call. Throws ScaiGridError for what the gateway tells, Error where nobody answers. */
async function call<Data>(path: string, body?: object): Promise<{ data: Data; requestId: string }> {
  if (!API_KEY) throw new Error("SCAIGRID_API_KEY is not set: give it the key that the gateway printed.");
  const headers: Record<string, string> = { authorization: `Bearer ${API_KEY}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  // Sandbox models alone listen to it: it can stay in a program that runs for real.
  if (body !== undefined && SIMULATE) headers["x-scaigrid-simulate"] = SIMULATE;
  const response = await fetch(BASE_URL + path, {
    method: body === undefined ? "GET" : "POST",
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`No answer from ${BASE_URL}: is the gateway running there?`, { cause });
  });
  const text = await response.text();
  if (!text.startsWith("{")) throw new Error(`HTTP ${response.status} from something else at ${BASE_URL}.`);
  const reply: Reply<Data> = JSON.parse(text);
  if (reply.status === "error") throw new ScaiGridError(reply.error, reply.meta.request_id);
  return { data: reply.data, requestId: reply.meta.request_id };
}

/** Seconds before the next attempt: what the gateway asks for, else twice as long each time and never all at once. */
function waitBefore(attempt: number, error: ScaiGridError): number {
  return error.retryAfterSeconds ?? 2 ** attempt * (0.5 + Math.random() / 2);
}

/** A title of at most six words for the first message of a conversation, and what it took. */
async function titleOf(text: string): Promise<{ title: string; tokens: number; requestId: string }> {
  const messages = [
    { role: "system", content: INSTRUCTION },
    { role: "user", content: text },
  ];
  for (let attempt = 0; ; attempt++) {
    try {
      const { data, requestId } = await call<Chat>("/v1/inference/chat", {
        model: MODEL,
        messages,
        max_tokens: 20,
        temperature: 0.3,
      });
      const { prompt_tokens: tokensIn, completion_tokens: tokensOut } = data.usage;
      return { title: data.choices[0]?.message.content ?? "", tokens: tokensIn + tokensOut, requestId };
    } catch (error) {
      // A connection that breaks is not tried again: the answer may have been made, and paid for.
      if (!(error instanceof ScaiGridError) || !WORTH_ANOTHER_ATTEMPT.has(error.code)) throw error;
      const waitSeconds = waitBefore(attempt, error);
      if (attempt + 1 === ATTEMPTS_MAX || waitSeconds > WAIT_SECONDS_MAX) throw error;
      console.error(`${error.message}: again in ${waitSeconds.toFixed(1)} s`);
      await new Promise((resolve) => setTimeout(resolve, waitSeconds * 1000));
    }
  }
}

try {
  const given = process.argv.slice(2);
  let total = 0;
  for (const text of given.length > 0 ? given : ["Hey, what's a good recipe for carbonara?"]) {
    const { title, tokens, requestId } = await titleOf(text);
    total += tokens;
    console.log(title);
    console.error(`${tokens} tokens, ${requestId}`);
  }
  console.error(`${total} tokens in this run`);
  const { data } = await call<readonly Usage[]>("/v1/accounting/usage/summary?period=day");
  const today = data.find((usage) => usage.group_key === MODEL);
  if (today) {
    const { request_count: requests, total_tokens: tokens, total_cost: cost } = today;
    console.error(`today with ${MODEL}: ${requests} requests, ${tokens} tokens, cost ${cost}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
