/**
 * Asks a model for one answer and prints it; what it took goes to standard error.
 *
 *   export SCAIGRID_API_KEY=sgk_…
 *   node chat.ts "Write a haiku about distributed systems."     (Node 22.18 or newer, Bun or Deno)
 */
import process from "node:process";

const BASE_URL = process.env["SCAIGRID_BASE_URL"] ?? "http://localhost:8000";
const API_KEY = process.env["SCAIGRID_API_KEY"];
const MODEL = "scailabs/poolnoodle-omni";
const TIMEOUT_MS = 120_000;

interface Chat {
  readonly choices: readonly { readonly message: { readonly content: string } }[];
  readonly usage: { readonly total_tokens: number };
  readonly _meta: { readonly request_id: string; readonly latency_ms: number };
}

/** Every answer says in `status` which of the two it is. */
type Reply =
  | { readonly status: "ok"; readonly data: Chat }
  | {
      readonly status: "error";
      readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
      readonly meta: { readonly request_id: string };
    };

async function chat(prompt: string): Promise<Chat> {
  if (!API_KEY) throw new Error("SCAIGRID_API_KEY is not set: give it the key that the gateway printed.");
  const response = await fetch(`${BASE_URL}/v1/inference/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ model: MODEL, messages: [{ role: "user", content: prompt }] }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`No answer from ${BASE_URL}: is the gateway running there?`, { cause });
  });
  // The one answer that is no JSON would be a proxy's in between.
  const text = await response.text();
  if (!text.startsWith("{")) throw new Error(`HTTP ${response.status} from something else at ${BASE_URL}.`);
  const reply: Reply = JSON.parse(text);
  if (reply.status === "ok") return reply.data;
  const { code, message, hint = "" } = reply.error;
  throw new Error(`${code}: ${message} ${hint} (${reply.meta.request_id})`);
}

try {
  const answer = await chat(process.argv[2] ?? "Write a haiku about distributed systems.");
  console.log(answer.choices[0]?.message.content);
  const { request_id: requestId, latency_ms: latencyMs } = answer._meta;
  console.error(`${answer.usage.total_tokens} tokens, ${latencyMs} ms, ${requestId}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
