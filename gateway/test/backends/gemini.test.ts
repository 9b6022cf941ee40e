import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources";
import { sseEvent } from "../../src/base/sse.ts";
import { codeOf, describeApi, itemsOf, requestIdOf, traceOf } from "../api/started.ts";
import { DirectFetch } from "../clients/direct-fetch.ts";
import { pick } from "../harness/json.ts";
import { ProviderServer, type Received, serveBackend } from "./provider-server.ts";

const KEY = "AIzaSy-a-key-of-Google-0123456789";
const MODEL = "gemini-3-pro-preview";
/** With every character that base64 may have. */
const SIGNATURE =
  "EqUCCqICAb4+9vsh8Pd5taZVoPzSvjWWwzBrvhEQWBLCGa7IdY8FBMm7Z6dCKFU3Ft0la15gF7RaHe1NlPRygQec0bFwPDfMwGc/UA==";
const CLOSING = "EskgCsYgAb4+9vtF7/499YQS2bjZs3xcQI+iAl==";

const WEATHER: ChatCompletionTool = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

function chunk(parts: readonly object[], more: object = {}, usage?: object): object {
  return {
    candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
    ...(usage && { usageMetadata: usage }),
    modelVersion: MODEL,
    responseId: "m36LaZGyCLz1xs0PtNSB-QU",
  };
}

const CALLED = [
  chunk([{ text: "Two cities to look at.", thought: true }]),
  chunk([
    { functionCall: { name: "weather", args: { city: "Paris" } }, thoughtSignature: SIGNATURE },
    { functionCall: { name: "weather", args: { city: "Oslo" } } },
  ]),
  chunk(
    [{ text: "" }],
    { finishReason: "STOP" },
    { promptTokenCount: 29, candidatesTokenCount: 15, thoughtsTokenCount: 45, totalTokenCount: 89 },
  ),
];
const ANSWERED = [
  chunk([{ text: "20 in Paris, " }]),
  chunk([{ text: "5 in Oslo." }]),
  chunk(
    [{ text: "", thoughtSignature: CLOSING }],
    { finishReason: "STOP" },
    { promptTokenCount: 70, candidatesTokenCount: 9, totalTokenCount: 79 },
  ),
];

/** Of the chunks of a stream, what the same answer is as a whole. */
function whole(chunks: readonly object[]): object {
  const parts = chunks.flatMap((one) => Object(pick(one, "candidates.0.content.parts")) as object[]);
  const usage = Object(pick(chunks.at(-1), "usageMetadata")) as object;
  return chunk(parts, { finishReason: "STOP" }, usage);
}

function answer({ target, text }: Received): Response {
  if (target.startsWith("/v1beta/models?")) {
    const models = ["models/gemini-2.5-flash", "models/gemini-3-pro-preview"].map((name) => ({ name }));
    return Response.json({ models });
  }
  if (text.includes("too much")) {
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "6.5s" }];
    const error = { code: 429, status: "RESOURCE_EXHAUSTED", message: `quota of ${KEY}`, details };
    return Response.json({ error }, { status: 429 });
  }
  if (text.includes("forbidden")) {
    return Response.json({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, responseId: "x" });
  }
  const chunks = text.includes("functionResponse") ? ANSWERED : CALLED;
  if (!target.includes(":streamGenerateContent?alt=sse")) return Response.json(whole(chunks));
  const body = chunks.map((one) => sseEvent(JSON.stringify(one))).join("");
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

describeApi("a backend that speaks Gemini's format", (api) => {
  let google: ProviderServer;
  let slug = "";
  let providerId = "";
  beforeAll(async () => {
    google = new ProviderServer(answer);
    const connection_config = { api_key: KEY };
    const provider = { type: "google", base_url: `${google.url}/v1beta`, connection_config };
    ({ slug, providerId } = await serveBackend(api.gateway, provider, MODEL));
  });
  afterAll(() => google.stop());
  const client = (): OpenAI =>
    new OpenAI({
      baseURL: `${api.gateway.url}/oai/v1`,
      apiKey: api.gateway.firstKey,
      fetch: new DirectFetch().fetch,
      maxRetries: 0,
    });

  test("serves the official openai package a loop of tools, each signature back on its part", async () => {
    const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "The weather?" }];
    const ask = { model: slug, tools: [WEATHER], reasoning_effort: "low" as const };
    const first = await client().chat.completions.create({ ...ask, messages });
    const said = first.choices[0]?.message;
    expect(first.choices[0]?.finish_reason).toBe("tool_calls");
    expect(first.usage).toMatchObject({
      prompt_tokens: 29,
      completion_tokens: 60,
      completion_tokens_details: { reasoning_tokens: 45 },
    });
    expect(google.last.target).toBe(`/v1beta/models/${MODEL}:generateContent`);
    expect(google.last.headers.get("x-goog-api-key")).toBe(KEY);
    expect(google.last.headers.get("authorization")).toBeNull();
    expect(google.last.body["generationConfig"]).toEqual({
      thinkingConfig: { thinkingLevel: "low", includeThoughts: true },
    });
    if (said === undefined) throw new Error("nothing was said");
    messages.push(said, ...resultsOf(said.tool_calls ?? []));
    const second = await client().chat.completions.create({ ...ask, messages });
    expect(second.choices[0]?.message.content).toBe("20 in Paris, 5 in Oslo.");
    expectReturned(google.last);
  });

  test("and the same streamed", async () => {
    const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "The weather?" }];
    const ask = { model: slug, tools: [WEATHER] };
    const first = await client()
      .chat.completions.stream({ ...ask, messages })
      .finalChatCompletion();
    expect(google.last.target).toBe(`/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`);
    const said = first.choices[0]?.message;
    if (said === undefined) throw new Error("nothing was said");
    messages.push(said, ...resultsOf(said.tool_calls ?? []));
    const second = await client()
      .chat.completions.stream({ ...ask, messages })
      .finalChatCompletion();
    expect(second.choices[0]?.message.content).toBe("20 in Paris, 5 in Oslo.");
    expectReturned(google.last);
  });

  test("tells the native API thoughts, signatures and what was left out; money follows the usage", async () => {
    const reply = await api.chat({ model: slug, store: true, tools: [WEATHER] });
    expect(pick(reply.body, "data.choices.0.message.reasoning")).toBe("Two cities to look at.");
    expect(pick(reply.body, "data._meta.dropped")).toEqual(["store"]);
    const [call] = Object(pick(reply.body, "data.choices.0.message.tool_calls")) as unknown[];
    expect(pick(call, "opaque.0.data.thought_signature")).toBe(SIGNATURE);
    const trace = await traceOf(api.gateway, requestIdOf(reply), (seen) => pick(seen, "price") !== undefined);
    expect(pick(trace.body, "data.usage.usage")).toEqual({ input: 29, output: 15, output_reasoning: 45 });
  });

  describe("fails as its caller can understand", () => {
    test("out of quota: with the time to wait, without the key it quotes", async () => {
      const reply = await api.chat({ model: slug, messages: [{ role: "user", content: "too much" }] });
      expect([reply.status, codeOf(reply)]).toEqual([429, "BACKEND_RATE_LIMITED"]);
      expect(reply.headers.get("retry-after")).toBe("7");
      expect(reply.text).not.toContain(KEY);
    });

    test.each([false, true])("a prompt that was blocked, stream: %p", async (stream) => {
      const messages = [{ role: "user", content: "forbidden" }];
      const reply = await api.chat({ model: slug, messages, stream });
      expect([reply.status, codeOf(reply)]).toEqual([422, "CONTENT_FILTERED"]);
      expect(reply.text).toContain("PROHIBITED_CONTENT");
    });
  });

  test("lists its models by the names that calls take", async () => {
    const reply = await api.gateway.api("POST", `/v1/providers/${providerId}/discover`);
    expect(itemsOf(reply).map((item) => item["upstream_model"])).toEqual(["gemini-2.5-flash", MODEL]);
    expect(itemsOf(reply)[0]).toMatchObject({
      known: true,
      proposed_model: { slug: "google/gemini-2.5-flash" },
    });
    const tried = await api.gateway.api("POST", `/v1/providers/${providerId}/test`);
    expect(pick(tried.body, "data")).toMatchObject({ ok: true, models_found: 2 });
  });
});

function resultsOf(calls: readonly { readonly id: string }[]): ChatCompletionMessageParam[] {
  expect(calls).toHaveLength(2);
  return calls.map(({ id }, i) => ({ role: "tool", tool_call_id: id, content: i === 0 ? '{"t":20}' : "5" }));
}

/** What the second call of the loop must have sent. */
function expectReturned({ body }: Received): void {
  const [, model, results] = Object(body["contents"]) as unknown[];
  expect(model).toEqual({
    role: "model",
    parts: [
      { functionCall: { name: "weather", args: { city: "Paris" } }, thoughtSignature: SIGNATURE },
      { functionCall: { name: "weather", args: { city: "Oslo" } } },
    ],
  });
  expect(results).toEqual({
    role: "user",
    parts: [
      { functionResponse: { name: "weather", response: { t: 20 } } },
      { functionResponse: { name: "weather", response: { output: "5" } } },
    ],
  });
}
