/**
 * Prints an answer while it is being made; what it took goes to standard error.
 *
 *   export SCAIGRID_API_KEY=sgk_…
 *   node stream.ts "Tell me a long story."     (Node 22.18 or newer, Bun or Deno)
 */
import process from "node:process";

const BASE_URL = process.env["SCAIGRID_BASE_URL"] ?? "http://localhost:8000";
const API_KEY = process.env["SCAIGRID_API_KEY"];
const MODEL = "scailabs/poolnoodle-omni";
/** Of the whole stream: long answers take their time. */
const TIMEOUT_MS = 600_000;

/** One event of the stream as it is written. */
interface SentEvent {
  readonly name: string;
  readonly data: string;
}

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[];
  /** In the last chunk alone. */
  readonly usage?: { readonly total_tokens: number };
}

async function open(prompt: string): Promise<Response> {
  if (!API_KEY) throw new Error("SCAIGRID_API_KEY is not set: give it the key that the gateway printed.");
  const response = await fetch(`${BASE_URL}/v1/inference/chat`, {
    method: "POST",
    headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ model: MODEL, messages: [{ role: "user", content: prompt }], stream: true }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`No answer from ${BASE_URL}: is the gateway running there?`, { cause });
  });
  // What fails before the first word is an ordinary error: status, code, message, request id.
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  return response;
}

/** The events of a stream; a chunk of bytes may end anywhere, an event ends at its blank line. */
async function* eventsOf(response: Response): AsyncGenerator<SentEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string): string | undefined =>
        block
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field("data");
      // A block without data is a comment that keeps a quiet connection open.
      if (data !== undefined) yield { name: field("event") ?? "message", data };
    }
  }
}

/** Prints the words as they come; resolves with the tokens of the whole. */
async function print(response: Response): Promise<number> {
  let tokens = 0;
  for await (const { name, data } of eventsOf(response)) {
    if (data === "[DONE]") return tokens;
    if (name === "error") {
      const error: { readonly code: string; readonly message: string } = JSON.parse(data);
      throw new Error(`\nThe answer is not whole: ${error.code}: ${error.message}`);
    }
    const chunk: Chunk = JSON.parse(data);
    process.stdout.write(chunk.choices[0]?.delta.content ?? "");
    tokens = chunk.usage?.total_tokens ?? tokens;
  }
  throw new Error("\nThe answer is not whole: the connection ended before [DONE].");
}

try {
  const response = await open(process.argv[2] ?? "Tell me a long story.");
  const requestId = response.headers.get("x-scaigrid-request-id") ?? "";
  try {
    const tokens = await print(response);
    console.error(`\n${tokens} tokens, ${requestId}`);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)} (${requestId})`, {
      cause: error,
    });
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
