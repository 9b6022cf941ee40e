import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import type { ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources";
import { createAnthropic } from "@ai-sdk/anthropic";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { describeApi } from "../api/started.ts";
import { DirectFetch } from "../clients/direct-fetch.ts";
import { FAKE_USAGE, FakeAnthropic, signed } from "../fakes/fake-anthropic.ts";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { pick } from "../harness/json.ts";

const ASKED: ChatCompletionMessageParam[] = [{ role: "user", content: "What is the weather?" }];
const WEATHER: ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const THOUGHT = "Let me see… “é”";
/** What the fake's model has put into its answer, in front of everything else. */
const BLOCKS = [
  { type: "thinking", thinking: THOUGHT, signature: signed(THOUGHT) },
  { type: "redacted_thinking", data: signed("redacted") },
];
const OPAQUE = BLOCKS.map((data) => ({ family: "anthropic", data }));
const PROMPT = FAKE_USAGE.input + FAKE_USAGE.cached + FAKE_USAGE.written;

describeApi("a model of Anthropic's to callers of other formats", (api) => {
  const fake = new FakeAnthropic();
  let model = "";
  let budgeted = "";
  beforeAll(async () => {
    const options = {
      apiKey: fake.apiKey,
      provider: { type: "anthropic" },
      model: { max_output_tokens: 8_192 },
    };
    model = (await addFakeBackend(api.gateway, fake, { ...options, plans: ["claude-opus-5"] })).slug;
    budgeted = (await addFakeBackend(api.gateway, fake, { ...options, plans: ["claude-sonnet-4-5"] })).slug;
  });
  afterAll(() => fake.stop());

  const openai = (): OpenAI =>
    new OpenAI({
      baseURL: `${api.gateway.url}/oai/v1`,
      apiKey: api.gateway.firstKey,
      fetch: new DirectFetch().fetch,
    });

  describe.each([
    ["whole", false],
    ["streamed", true],
  ])("%s", (_how, isStream) => {
    test.each([["adaptive"], ["budgeted"]])(
      "the openai package goes through a round of tools with %s thinking, and hands the signatures back",
      async (how) => {
        const chat = async (messages: ChatCompletionMessageParam[]) => {
          const body = { model: how === "adaptive" ? model : budgeted, messages, tools: [WEATHER] };
          const asked = { ...body, reasoning_effort: "low" as const };
          if (!isStream) return openai().chat.completions.create(asked);
          return openai()
            .chat.completions.stream({ ...asked, stream_options: { include_usage: true } })
            .finalChatCompletion();
        };
        const first = await chat(ASKED);
        const message = first.choices[0]?.message;
        if (message === undefined) throw new Error("no message");
        expect(message).toMatchObject({ role: "assistant", opaque: OPAQUE });
        expect(first.choices[0]?.finish_reason).toBe("tool_calls");
        expect(first.usage).toMatchObject({
          prompt_tokens: PROMPT,
          completion_tokens: FAKE_USAGE.output,
          prompt_tokens_details: { cached_tokens: FAKE_USAGE.cached },
          completion_tokens_details: { reasoning_tokens: FAKE_USAGE.thinking },
        });
        const id = message.tool_calls?.[0]?.id ?? "";
        const second = await chat([...ASKED, message, { role: "tool", tool_call_id: id, content: "18 °C" }]);
        expect(second.choices[0]?.message.content).toBe("It is 18 °C.");
        expect(pick(fake.last.body, "messages.1.content")).toMatchObject([
          ...BLOCKS,
          { type: "text" },
          { type: "tool_use", id, name: "get_weather", input: { city: "Utrecht" } },
        ]);
      },
    );

    test("Vercel's SDK goes through a round of tools with thinking", async () => {
      const anthropic = createAnthropic({
        baseURL: `${api.gateway.url}/anthropic/v1`,
        apiKey: api.gateway.firstKey,
        fetch: new DirectFetch().fetch,
      });
      const weather = tool({
        inputSchema: jsonSchema<{ city: string }>({
          type: "object",
          properties: { city: { type: "string" } },
        }),
        execute: ({ city }) => `18 °C in ${city}`,
      });
      const asked = {
        model: anthropic(model),
        prompt: "What is the weather?",
        maxOutputTokens: 4_096,
        tools: { get_weather: weather },
        stopWhen: stepCountIs(3),
        providerOptions: { anthropic: { thinking: { type: "enabled", budgetTokens: 1_024 } } },
      };
      const text = isStream ? await streamText(asked).text : (await generateText(asked)).text;
      expect(text).toBe("It is 18 °C in Utrecht.");
      expect(pick(fake.last.body, "messages.1.content.0")).toMatchObject(BLOCKS[0] ?? {});
    });
  });

  test("the native contract tells what the gateway chose, and what could not be said", async () => {
    const reply = await api.chat({
      model,
      messages: ASKED,
      seed: 7,
      temperature: 0.5,
      reasoning_effort: "high",
      response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" } } },
    });
    expect(pick(reply.body, "data._meta")).toMatchObject({
      max_tokens: 8_192,
      dropped: expect.arrayContaining(["seed", "temperature"]),
    });
    expect(pick(reply.body, "data.choices.0.message")).toMatchObject({
      content: `{"city":"Utrecht"}`,
      reasoning: THOUGHT,
      opaque: OPAQUE,
    });
    expect(fake.last.body).toMatchObject({
      max_tokens: 8_192,
      thinking: { type: "adaptive" },
      output_config: { effort: "high", format: { type: "json_schema", schema: { type: "object" } } },
    });
  });

  test("what this format cannot say is refused by its field", async () => {
    const reply = await api.chat({
      model,
      messages: ASKED,
      n: 2,
      logprobs: true,
      temperature: 1.5,
      service_tier: "flex",
    });
    const details = pick(reply.body, "error.details");
    expect(reply.status).toBe(422);
    expect(details).toMatchObject([
      { field: "service_tier" },
      { field: "n" },
      { field: "logprobs" },
      { field: "temperature" },
    ]);
  });

  test("its provider is found by its list of models", async () => {
    const body = {
      type: "anthropic",
      name: "Anthropic, listed",
      base_url: fake.url,
      connection_config: { api_key: fake.apiKey },
    };
    const made = await api.gateway.api("POST", "/v1/providers", { body });
    const found = await api.gateway.api(
      "POST",
      `/v1/providers/${String(pick(made.body, "data.id"))}/discover`,
    );
    expect(found.status).toBe(200);
    expect(found.text).toContain("claude-fake");
  });
});
