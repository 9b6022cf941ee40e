import { expect, test } from "bun:test";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateText, isStepCount, type ModelMessage, Output, streamText, tool } from "ai";
import { z } from "zod";
import { describeApi, SANDBOX } from "../api/started.ts";
import { DirectFetch } from "./direct-fetch.ts";
import { thrown } from "./thrown.ts";

const PROMPT = "Say something.";
/** The SDK refers to items it believes are kept, unless it is told that they are not. */
const KEEPS_NOTHING = { openai: { store: false } };

describeApi("the Vercel AI SDK's openai.responses", (api) => {
  const model = (slug = SANDBOX) =>
    createOpenAI({
      baseURL: `${api.gateway.url}/oai/v1`,
      apiKey: api.gateway.firstKey,
      fetch: new DirectFetch().fetch,
    }).responses(slug);

  test.each([false, true])("text, and its usage (streamed: %p)", async (streamed) => {
    const asked = { model: model(), prompt: PROMPT };
    const result = streamed ? streamText(asked) : await generateText(asked);
    expect(await result.text).toContain("You said: “Say something.”");
    expect((await result.usage).totalTokens).toBeGreaterThan(0);
    expect(await result.finishReason).toBe("stop");
  });

  test.each([
    [false, KEEPS_NOTHING],
    [true, KEEPS_NOTHING],
    [false, {}],
    [true, {}],
  ])("tools over several steps (streamed: %p, options: %p)", async (streamed, providerOptions) => {
    const cities: string[] = [];
    const options = {
      model: model(),
      prompt: "get weather",
      stopWhen: isStepCount(4),
      providerOptions,
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

  test.each([false, true])("reasoning, and calls in many pieces (streamed: %p)", async (streamed) => {
    const { slug } = await api.model("fake-ok?reasoning=3&tools=2&pieces=20");
    const inputSchema = z.object({ city: z.string(), day: z.int(), unit: z.string() });
    const tools = { get_weather: tool({ inputSchema, execute: () => Promise.resolve("sun") }) };
    const asked = { model: model(slug), prompt: PROMPT, tools, providerOptions: KEEPS_NOTHING };
    const result = streamed ? streamText(asked) : await generateText(asked);
    const [step] = await result.steps;
    expect(step?.reasoningText).toBe("aquaboltcrag");
    expect(step?.toolCalls.map(({ toolName }) => toolName)).toEqual(["get_weather", "get_weather"]);
  });

  test("a conversation goes on with store: false; without it the package refers to what nobody keeps, and is told", async () => {
    const turn = async (messages: ModelMessage[], providerOptions = {}) =>
      generateText({ model: model(), messages, providerOptions, maxRetries: 0 });
    const first: ModelMessage[] = [{ role: "user", content: PROMPT }];
    const { responseMessages, text } = await turn(first);
    const messages: ModelMessage[] = [...first, ...responseMessages, { role: "user", content: "And again." }];
    expect((await turn(messages, KEEPS_NOTHING)).text).toContain("And again.");
    const told = await thrown(turn(messages));
    expect(told).toMatchObject({ statusCode: 400, isRetryable: false });
    expect(String(told)).toContain("store: false");
    // What it had of the first turn it can always send as text.
    const plain: ModelMessage[] = [
      ...first,
      { role: "assistant", content: text },
      { role: "user", content: "Go on." },
    ];
    expect((await turn(plain)).text).toContain("Go on.");
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

  test("a refusal is an APICallError, a failure in the middle of a stream is told after what was said", async () => {
    const headers = { "x-scaigrid-simulate": JSON.stringify({ error: "CONTEXT_LENGTH_EXCEEDED" }) };
    const caught = await thrown(generateText({ model: model(), prompt: PROMPT, maxRetries: 0, headers }));
    expect(APICallError.isInstance(caught)).toBe(true);
    expect(caught).toMatchObject({ statusCode: 400, isRetryable: false });
    const { slug } = await api.model("fake-error-event?after=3&tokens=9");
    const errors: unknown[] = [];
    const onError = ({ error }: { error: unknown }): void => void errors.push(error);
    const result = streamText({ model: model(slug), prompt: PROMPT, onError, maxRetries: 0 });
    expect((await Array.fromAsync(result.textStream)).join("")).toBe("aquaboltcrag");
    expect(errors.length).toBeGreaterThan(0);
  });

  test("leaving closes the upstream", async () => {
    const plan = "fake-ok?tokens=90000&ms=20&prompt=77";
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
