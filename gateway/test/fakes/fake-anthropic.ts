import { createHmac } from "node:crypto";
import { isList, isObject, type JsonObject } from "../../src/base/json.ts";

/** One request that has come. */
export interface AskedAnthropic {
  readonly path: string;
  readonly headers: Headers;
  readonly body: JsonObject;
}

interface Block extends JsonObject {
  readonly type: string;
}

/** A model that counts no tokens just now, and what is said of it that is no caller's affair. */
export const OVERLOADED = "claude-overloaded";
export const OVERLOADED_HOST = "cell-7.internal";
const KEY = "fake-anthropic-credential";
const SECRET = "what only the provider knows";
const USAGE = {
  input_tokens: 20,
  cache_creation_input_tokens: 30,
  cache_read_input_tokens: 40,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 9,
  output_tokens_details: { thinking_tokens: 4 },
};

/** What the fake reports, in the gateway's buckets. */
export const FAKE_USAGE = { input: 20, cached: 40, written: 30, output: 9, thinking: 4 };

/**
 * A server that answers as Anthropic does, from what it is asked: it thinks where it may and signs that, calls a tool it
 * is given, tells the result, keeps to a schema. As the original it refuses thinking that it has not signed.
 */
export class FakeAnthropic {
  readonly asked: AskedAnthropic[] = [];
  readonly #server: Bun.Server<undefined>;

  constructor() {
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      development: false,
      reusePort: false,
      fetch: (request) => this.#answer(request),
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** The key it takes. */
  get apiKey(): string {
    return KEY;
  }

  get last(): AskedAnthropic {
    const last = this.asked.at(-1);
    if (!last) throw new Error("nothing was asked");
    return last;
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname: path } = new URL(request.url);
    if (request.headers.get("x-api-key") !== KEY)
      return refusal(401, "authentication_error", "invalid x-api-key");
    if (!request.headers.has("anthropic-version")) {
      return refusal(400, "invalid_request_error", "anthropic-version: header is required");
    }
    if (path === "/v1/models")
      return Response.json({ data: [{ type: "model", id: "claude-fake" }], has_more: false });
    const body: unknown = await request.json();
    if (!isObject(body)) return refusal(400, "invalid_request_error", "no object");
    this.asked.push({ path, headers: request.headers, body });
    const forged = forgedBlock(body);
    if (forged !== undefined) return refusal(400, "invalid_request_error", forged);
    if (path === "/v1/messages/count_tokens") {
      const extra = ["max_tokens", "stream"].find((field) => body[field] !== undefined);
      if (extra !== undefined)
        return refusal(400, "invalid_request_error", `${extra}: Extra inputs are not permitted`);
      if (body["model"] === OVERLOADED)
        return refusal(529, "overloaded_error", `${OVERLOADED_HOST} is overloaded`);
      return Response.json({ input_tokens: 42 });
    }
    if (typeof body["max_tokens"] !== "number") {
      return refusal(400, "invalid_request_error", "max_tokens: Field required");
    }
    const message = messageFor(body);
    const headers = { "request-id": "req_upstream" };
    if (body["stream"] !== true) return Response.json(message, { headers });
    return new Response(streamOf(message), { headers: { ...headers, "content-type": "text/event-stream" } });
  }
}

function refusal(status: number, type: string, message: string): Response {
  return Response.json({ type: "error", error: { type, message }, request_id: "req_upstream" }, { status });
}

function messagesIn(body: JsonObject): readonly JsonObject[] {
  const { messages } = body;
  return isList(messages) ? messages.filter(isObject) : [];
}

function blocksIn({ content }: JsonObject): readonly JsonObject[] {
  return isList(content) ? content.filter(isObject) : [{ type: "text", text: content }];
}

/** What is wrong with the thinking that has come back; undefined where nothing is. */
function forgedBlock(body: JsonObject): string | undefined {
  for (const [i, message] of messagesIn(body).entries()) {
    if (message["role"] !== "assistant") continue;
    const blocks = blocksIn(message);
    for (const [j, { type, thinking, signature, data }] of blocks.entries()) {
      const isForged =
        (type === "thinking" && signature !== signed(String(thinking))) ||
        (type === "redacted_thinking" && data !== signed("redacted"));
      if (isForged) return `messages.${i}.content.${j}: Invalid \`signature\` in \`thinking\` block`;
    }
    const isThinking = isObject(body["thinking"]) && body["thinking"]["type"] === "enabled";
    if (isThinking && blocks.some(({ type }) => type === "tool_use") && blocks[0]?.["type"] !== "thinking") {
      return `messages.${i}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`tool_use\``;
    }
  }
  return undefined;
}

/** A signature that no other text has, with what base64 needs escaped nowhere and everywhere. */
export function signed(thinking: string): string {
  return `${createHmac("sha256", SECRET).update(thinking).digest("base64")}/+==`;
}

function messageFor(body: JsonObject): JsonObject {
  const content: Block[] = [];
  const { thinking, tools, output_config } = body;
  if (isObject(thinking) && thinking["type"] !== "disabled") {
    const thought = "Let me see… “é”";
    content.push({ type: "thinking", thinking: thought, signature: signed(thought) });
    content.push({ type: "redacted_thinking", data: signed("redacted") });
  }
  const last = blocksIn(messagesIn(body).at(-1) ?? {});
  const result = last.find(({ type }) => type === "tool_result");
  const tool = isList(tools) && isObject(tools[0]) ? tools[0] : undefined;
  const isDone = tool === undefined || result !== undefined;
  const format = isObject(output_config) ? output_config["format"] : undefined;
  if (isObject(format)) content.push({ type: "text", text: `{"city":"Utrecht"}` });
  else if (result) content.push({ type: "text", text: `It is ${textIn(result["content"])}.` });
  else content.push({ type: "text", text: `You said: ${textIn(last)}` });
  if (!isDone)
    content.push({ type: "tool_use", id: "toolu_1", name: tool["name"], input: { city: "Utrecht" } });
  return {
    id: "msg_upstream",
    type: "message",
    role: "assistant",
    model: body["model"],
    content,
    stop_reason: isDone ? "end_turn" : "tool_use",
    stop_sequence: null,
    usage: USAGE,
  };
}

function textIn(content: unknown): string {
  if (typeof content === "string") return content;
  return isList(content)
    ? content.map((block) => (isObject(block) ? String(block["text"]) : "")).join("")
    : "";
}

function streamOf(message: JsonObject): string {
  const { content, stop_reason, stop_sequence, usage, ...head } = message;
  const start = {
    ...head,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...USAGE, output_tokens: 1 },
  };
  const events: JsonObject[] = [{ type: "message_start", message: start }, { type: "ping" }];
  for (const [index, block] of (isList(content) ? content : []).entries()) {
    if (!isObject(block)) continue;
    const { begun, deltas } = piecesOf(block);
    events.push({ type: "content_block_start", index, content_block: begun });
    for (const delta of deltas) events.push({ type: "content_block_delta", index, delta });
    events.push({ type: "content_block_stop", index });
  }
  events.push(
    { type: "message_delta", delta: { stop_reason, stop_sequence }, usage },
    { type: "message_stop" },
  );
  return events
    .map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");
}

function piecesOf(block: JsonObject): { readonly begun: JsonObject; readonly deltas: readonly JsonObject[] } {
  const halves = (text: unknown): string[] => [String(text).slice(0, 3), String(text).slice(3)];
  switch (block["type"]) {
    case "text":
      return {
        begun: { ...block, text: "" },
        deltas: halves(block["text"]).map((text) => ({ type: "text_delta", text })),
      };
    case "thinking": {
      const thought = halves(block["thinking"]).map((thinking) => ({ type: "thinking_delta", thinking }));
      const signature = { type: "signature_delta", signature: block["signature"] };
      return { begun: { ...block, thinking: "", signature: "" }, deltas: [...thought, signature] };
    }
    case "tool_use": {
      const json = halves(JSON.stringify(block["input"]));
      const deltas = json.map((partial_json) => ({ type: "input_json_delta", partial_json }));
      return { begun: { ...block, input: {} }, deltas };
    }
    default:
      return { begun: block, deltas: [] };
  }
}
