import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources";
import { codeOf, describeApi, itemsOf, requestIdOf, traceOf } from "../api/started.ts";
import { DirectFetch } from "../clients/direct-fetch.ts";
import { bedrockBytes } from "../fakes/event-stream-bytes.ts";
import { pick } from "../harness/json.ts";
import { ProviderServer, type Received, serveBackend } from "./provider-server.ts";

const KEY = "bedrock-api-key-0123456789abcdef";
const MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const PATH = `/model/${encodeURIComponent(MODEL)}`;
const SIGNATURE = "EqQBCkgIARABGAIiQL8+/w0KAzBCMDAx+abc==";
const EVENTS = "application/vnd.amazon.eventstream";
const REQUEST_ID = "0d3e8f6a-aaaa-bbbb-cccc-1234567890ab";

const WEATHER: ChatCompletionTool = {
  type: "function",
  function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};

const CALLED: readonly object[] = [
  { messageStart: { role: "assistant" } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: "One city." } } } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { signature: SIGNATURE } } } },
  { contentBlockStop: { contentBlockIndex: 0 } },
  {
    contentBlockStart: {
      contentBlockIndex: 1,
      start: { toolUse: { toolUseId: "tooluse_1", name: "weather" } },
    },
  },
  { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '{"city":' } } } },
  { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '"Paris"}' } } } },
  { contentBlockStop: { contentBlockIndex: 1 } },
  { messageStop: { stopReason: "tool_use" } },
  { metadata: { usage: { inputTokens: 20, outputTokens: 30, totalTokens: 150, cacheReadInputTokens: 100 } } },
];
const CALLED_WHOLE = {
  output: {
    message: {
      role: "assistant",
      content: [
        { reasoningContent: { reasoningText: { text: "One city.", signature: SIGNATURE } } },
        { toolUse: { toolUseId: "tooluse_1", name: "weather", input: { city: "Paris" } } },
      ],
    },
  },
  stopReason: "tool_use",
  usage: { inputTokens: 20, outputTokens: 30, totalTokens: 150, cacheReadInputTokens: 100 },
};
const ANSWERED: readonly object[] = [
  { messageStart: { role: "assistant" } },
  ...["20 °C ", "in Paris 😀."].map((text) => ({
    contentBlockDelta: { contentBlockIndex: 0, delta: { text } },
  })),
  { contentBlockStop: { contentBlockIndex: 0 } },
  { messageStop: { stopReason: "end_turn" } },
  { metadata: { usage: { inputTokens: 50, outputTokens: 9, totalTokens: 59 } } },
];
const ANSWERED_WHOLE = {
  output: { message: { role: "assistant", content: [{ text: "20 °C in Paris 😀." }] } },
  stopReason: "end_turn",
  usage: { inputTokens: 50, outputTokens: 9, totalTokens: 59 },
};

/** As a stream whose bytes come a few at a time. */
function streamed(events: readonly object[]): Response {
  const bytes = bedrockBytes(events.map((event) => JSON.stringify(event)));
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (let at = 0; at < bytes.length; at += 97) {
        controller.enqueue(bytes.slice(at, at + 97));
        await Bun.sleep(0);
      }
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": EVENTS, "x-amzn-requestid": REQUEST_ID } });
}

function answer({ target, text }: Received): Response {
  if (target === "/foundation-models") {
    return Response.json({ modelSummaries: [{ modelId: "amazon.nova-pro-v1:0" }, { modelId: MODEL }] });
  }
  if (target.startsWith("/inference-profiles")) {
    return Response.json({ inferenceProfileSummaries: [{ inferenceProfileId: "eu.amazon.nova-pro-v1:0" }] });
  }
  if (text.includes("too much")) {
    const headers = { "x-amzn-errortype": "ThrottlingException:http://internal/" };
    return Response.json({ message: "Too many tokens, please wait" }, { status: 429, headers });
  }
  if (text.includes("breaks")) {
    return streamed([...ANSWERED.slice(0, 2), { modelStreamErrorException: { message: "of the model" } }]);
  }
  if (text.includes("is cut")) return streamed(ANSWERED.slice(0, 3));
  const isResult = text.includes("toolResult");
  if (target.endsWith("/converse-stream")) return streamed(isResult ? ANSWERED : CALLED);
  return Response.json(isResult ? ANSWERED_WHOLE : CALLED_WHOLE);
}

describeApi("a backend that speaks Bedrock's format", (api) => {
  let amazon: ProviderServer;
  let slug = "";
  let providerId = "";
  beforeAll(async () => {
    amazon = new ProviderServer(answer);
    const provider = { type: "bedrock", base_url: amazon.url, connection_config: { api_key: KEY } };
    ({ slug, providerId } = await serveBackend(api.gateway, provider, MODEL));
  });
  afterAll(() => amazon.stop());
  const client = (): OpenAI =>
    new OpenAI({
      baseURL: `${api.gateway.url}/oai/v1`,
      apiKey: api.gateway.firstKey,
      fetch: new DirectFetch().fetch,
      maxRetries: 0,
    });

  test("serves the official openai package a loop of tools, the signed thinking back in front", async () => {
    const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "The weather?" }];
    const ask = { model: slug, tools: [WEATHER] };
    const first = await client().chat.completions.create({ ...ask, messages });
    expect(amazon.last.target).toBe(`${PATH}/converse`);
    expect(amazon.last.headers.get("authorization")).toBe(`Bearer ${KEY}`);
    const said = first.choices[0]?.message;
    expect(first.usage).toMatchObject({ prompt_tokens: 120, prompt_tokens_details: { cached_tokens: 100 } });
    if (said === undefined) throw new Error("nothing was said");
    messages.push(said, { role: "tool", tool_call_id: "tooluse_1", content: "20" });
    const second = await client().chat.completions.create({ ...ask, messages });
    expect(second.choices[0]?.message.content).toBe("20 °C in Paris 😀.");
    expectReturned(amazon.last);
  });

  test("and the same streamed, from bytes of a binary stream", async () => {
    const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "The weather?" }];
    const ask = { model: slug, tools: [WEATHER] };
    const first = await client()
      .chat.completions.stream({ ...ask, messages })
      .finalChatCompletion();
    expect(amazon.last.target).toBe(`${PATH}/converse-stream`);
    expect(amazon.last.headers.get("accept")).toBe(EVENTS);
    const said = first.choices[0]?.message;
    if (said === undefined) throw new Error("nothing was said");
    messages.push(said, { role: "tool", tool_call_id: "tooluse_1", content: "20" });
    const second = await client()
      .chat.completions.stream({ ...ask, messages })
      .finalChatCompletion();
    expect(second.choices[0]?.message.content).toBe("20 °C in Paris 😀.");
    expectReturned(amazon.last);
  });

  test("is charged by the usage, and the trace has Amazon's own id", async () => {
    const stream = await api.stream({ model: slug, messages: [{ role: "user", content: "toolResult" }] });
    await stream.end();
    const id = stream.headers.get("x-scaigrid-request-id") ?? "";
    const trace = await traceOf(api.gateway, id, (seen) => pick(seen, "price") !== undefined);
    expect(pick(trace.body, "data.usage.usage")).toEqual({ input: 50, output: 9 });
    expect(JSON.stringify(trace.body)).toContain(REQUEST_ID);
  });

  describe("fails as its caller can understand", () => {
    test("when it is throttled", async () => {
      const reply = await api.chat({ model: slug, messages: [{ role: "user", content: "too much" }] });
      expect([reply.status, codeOf(reply)]).toEqual([429, "BACKEND_RATE_LIMITED"]);
      expect(requestIdOf(reply)).toStartWith("req_");
    });

    test.each(["breaks", "is cut"])("in the middle of a stream that %s", async (content) => {
      const stream = await api.stream({ model: slug, messages: [{ role: "user", content }] });
      const { error, finishReason, doneCount, content: said } = await stream.end();
      expect(pick(error, "code")).toBe("BACKEND_ERROR");
      expect([finishReason, doneCount, said]).toEqual([
        undefined,
        1,
        content === "breaks" ? "20 °C " : "20 °C in Paris 😀.",
      ]);
    });
  });

  test("lists its models", async () => {
    const reply = await api.gateway.api("POST", `/v1/providers/${providerId}/discover`);
    expect(itemsOf(reply).map((item) => item["upstream_model"])).toEqual([
      "amazon.nova-pro-v1:0",
      MODEL,
      "eu.amazon.nova-pro-v1:0",
    ]);
  });
});

/** What the second call of the loop must have sent. */
function expectReturned({ body }: Received): void {
  const [, said, result] = Object(body["messages"]) as unknown[];
  expect(said).toEqual({
    role: "assistant",
    content: [
      { reasoningContent: { reasoningText: { text: "One city.", signature: SIGNATURE } } },
      { toolUse: { toolUseId: "tooluse_1", name: "weather", input: { city: "Paris" } } },
    ],
  });
  expect(result).toEqual({
    role: "user",
    content: [{ toolResult: { toolUseId: "tooluse_1", content: [{ text: "20" }] } }],
  });
}
