import { describe, expect, test } from "bun:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, isStepCount, Output, streamText, tool } from "ai";
import { z } from "zod";
import { describeApi, SANDBOX } from "../api/started.ts";
import { pick } from "../harness/json.ts";
import { DirectFetch } from "./direct-fetch.ts";
import { thrown } from "./thrown.ts";

const PROMPT = "Say something.";
/** A dot of one pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

describeApi("the Vercel AI SDK", (api) => {
  const settings = (apiKey = api.gateway.firstKey, net = new DirectFetch()) => ({
    baseURL: `${api.gateway.url}/oai/v1`,
    apiKey,
    fetch: net.fetch,
  });
  const providers = {
    openai: (slug: string, apiKey?: string, net?: DirectFetch) =>
      createOpenAI(settings(apiKey, net)).chat(slug),
    "openai-compatible": (slug: string, apiKey?: string, net?: DirectFetch) =>
      createOpenAICompatible({
        ...settings(apiKey, net),
        name: "scaigrid",
        includeUsage: true,
        supportsStructuredOutputs: true,
      }).chatModel(slug),
  };

  describe.each(["openai", "openai-compatible"] as const)("with @ai-sdk/%s", (name) => {
    const model = (slug = SANDBOX, apiKey?: string, net?: DirectFetch) => providers[name](slug, apiKey, net);

    test("text, whole", async () => {
      const { text, usage, finishReason, finalStep } = await generateText({ model: model(), prompt: PROMPT });
      expect(text).toContain("You said: “Say something.”");
      expect(finishReason).toBe("stop");
      expect(usage.totalTokens).toBeGreaterThan(0);
      expect(finalStep.response.modelId).toBe(SANDBOX);
    });

    test("text, streamed, with its usage", async () => {
      const result = streamText({ model: model(), prompt: PROMPT });
      const pieces = await Array.fromAsync(result.textStream);
      expect(pieces.length).toBeGreaterThan(3);
      expect(pieces.join("")).toContain("You said");
      expect((await result.usage).outputTokens).toBeGreaterThan(0);
      expect(await result.finishReason).toBe("stop");
    });

    test.each([false, true])("tools over several steps (streamed: %p)", async (streamed) => {
      const cities: string[] = [];
      const options = {
        model: model(),
        prompt: "get weather",
        stopWhen: isStepCount(4),
        tools: {
          get_weather: tool({
            description: "The weather in a city",
            inputSchema: z.object({ city: z.enum(["Utrecht"]) }),
            execute: ({ city }) => {
              cities.push(city);
              return Promise.resolve("sun");
            },
          }),
        },
      };
      const { steps, text } = streamed ? streamText(options) : await generateText(options);
      expect(await text).toContain("The tool answered:");
      expect(await steps).toHaveLength(2);
      expect(cities).toEqual(["Utrecht"]);
    });

    test("tool calls of an upstream in many pieces", async () => {
      const { slug } = await api.model("fake-ok?tools=2&pieces=50");
      const inputSchema = z.object({ city: z.string(), day: z.int(), unit: z.string() });
      const get_weather = tool({ inputSchema, execute: () => Promise.resolve("sun") });
      const result = streamText({ model: model(slug), prompt: PROMPT, tools: { get_weather } });
      const calls = await result.toolCalls;
      expect(calls.map(({ toolName, input }) => [toolName, pick(input, "unit")])).toEqual([
        ["get_weather", "celsius"],
        ["get_weather", "celsius"],
      ]);
    });

    test("an object by its schema", async () => {
      const schema = z.object({ title: z.string(), pages: z.int() });
      const { output } = await generateText({
        model: model(),
        prompt: PROMPT,
        output: Output.object({ schema }),
      });
      expect(schema.safeParse(output).success).toBe(true);
    });

    test("an image as a part", async () => {
      const content = [
        { type: "text" as const, text: "What is this?" },
        { type: "file" as const, mediaType: "image/png", data: Buffer.from(PNG, "base64") },
      ];
      const { text } = await generateText({ model: model(), messages: [{ role: "user", content }] });
      expect(text).toContain("It came with 1 image.");
    });

    test.each([
      ["BACKEND_RATE_LIMITED", 429, true],
      ["BACKEND_TIMEOUT", 504, true],
      ["CONTEXT_LENGTH_EXCEEDED", 400, false],
      ["CONTENT_FILTERED", 400, false],
    ])("%s is an APICallError with status %p", async (error, statusCode, isRetryable) => {
      const headers = { "x-scaigrid-simulate": JSON.stringify({ error }) };
      const caught = await thrown(generateText({ model: model(), prompt: PROMPT, maxRetries: 0, headers }));
      expect(APICallError.isInstance(caught)).toBe(true);
      expect(caught).toMatchObject({ statusCode, isRetryable });
      if (!(caught instanceof Error)) throw caught;
      expect(caught.message.length).toBeGreaterThan(20);
    });

    test("a wrong key is a 401 that is not repeated", async () => {
      const net = new DirectFetch();
      const caught = await thrown(generateText({ model: model(SANDBOX, "sk-none", net), prompt: PROMPT }));
      expect(caught).toMatchObject({ statusCode: 401, isRetryable: false });
      expect(net.exchanges).toHaveLength(1);
    });

    test("a retry waits as long as retry-after says", async () => {
      const net = new DirectFetch();
      const simulate = { error: "BACKEND_RATE_LIMITED", retry_after: 1, times: 1, token_ms: name.length };
      const headers = { "x-scaigrid-simulate": JSON.stringify(simulate) };
      await generateText({ model: model(SANDBOX, undefined, net), prompt: PROMPT, headers });
      expect(net.exchanges.map(({ status }) => status)).toEqual([429, 200]);
      const [first, second] = net.exchanges.map(({ sentAtMs }) => sentAtMs);
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(990);
    });

    test("an error in the middle of a stream is told after what was said", async () => {
      const { slug } = await api.model("fake-error-event?after=3&tokens=9");
      const errors: unknown[] = [];
      const result = streamText({
        model: model(slug),
        prompt: PROMPT,
        onError: ({ error }) => void errors.push(error),
      });
      const pieces = await Array.fromAsync(result.textStream);
      expect(pieces.join("")).toBe("aquaboltcrag");
      expect(errors).toHaveLength(1);
    });

    test("leaving closes the upstream", async () => {
      const plan = `fake-ok?tokens=90000&ms=20&prompt=${name.length}`;
      const { slug } = await api.model(plan);
      const leave = new AbortController();
      const result = streamText({ model: model(slug), prompt: PROMPT, abortSignal: leave.signal });
      for await (const piece of result.textStream) if (piece !== "") leave.abort();
      await api.fake.log.waitFor(
        "closed call",
        (record) => record.plan === plan && record.closedByPeerAtMs !== undefined,
      );
    });
  });
});
