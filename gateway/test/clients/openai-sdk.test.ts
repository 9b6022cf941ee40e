import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import type { ChatCompletionChunk, ChatCompletionMessageParam, ChatCompletionTool } from "openai/resources";
import { z } from "zod";
import { describeApi, SANDBOX } from "../api/started.ts";
import { pick } from "../harness/json.ts";
import { DirectFetch } from "./direct-fetch.ts";

const ASKED: ChatCompletionMessageParam[] = [{ role: "user", content: "Say something." }];
const WEATHER: ChatCompletionTool = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather in a city",
    parameters: {
      type: "object",
      properties: { city: { type: "string", enum: ["Utrecht"] } },
      required: ["city"],
      additionalProperties: false,
    },
    strict: true,
  },
};
/** A red dot of one pixel. */
const IMAGE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

async function chunksOf(stream: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> {
  return Array.fromAsync(stream);
}

function textOf(chunks: readonly ChatCompletionChunk[]): string {
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
}

describeApi("the official openai package", (api) => {
  const client = (): OpenAI =>
    new OpenAI({
      baseURL: `${api.gateway.url}/oai/v1`,
      apiKey: api.gateway.firstKey,
      fetch: new DirectFetch().fetch,
    });

  test("a chat, with the request's id where the package looks for it", async () => {
    const data = await client().chat.completions.create({ model: SANDBOX, messages: ASKED });
    expect(data.choices[0]?.message.content).toContain("You said: “Say something.”");
    expect(data.choices[0]?.message.role).toBe("assistant");
    expect(data.model).toBe(SANDBOX);
    expect(data.usage?.total_tokens).toBeGreaterThan(0);
    expect(data._request_id).toStartWith("req_");
    expect(data.id).toBe(`chatcmpl-${data._request_id?.slice(4)}`);
  });

  test("a base URL that differs from OpenAI's in its host alone", async () => {
    const { url, firstKey } = api.gateway;
    const other = new OpenAI({ baseURL: `${url}/v1`, apiKey: firstKey, fetch: new DirectFetch().fetch });
    const answer = await other.chat.completions.create({ model: SANDBOX, messages: ASKED });
    expect(answer.object).toBe("chat.completion");
  });

  describe("streams", () => {
    test("without usage: every chunk has a choice", async () => {
      const stream = await client().chat.completions.create({
        model: SANDBOX,
        messages: ASKED,
        stream: true,
      });
      const chunks = await chunksOf(stream);
      expect(textOf(chunks)).toContain("You said");
      expect(chunks.every((chunk) => chunk.choices.length === 1 && chunk.usage === undefined)).toBe(true);
      expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
      expect(new Set(chunks.map((chunk) => `${chunk.id} ${chunk.model} ${chunk.object}`)).size).toBe(1);
    });

    test("with usage: the last chunk has it and no choice", async () => {
      const stream = await client().chat.completions.create({
        model: SANDBOX,
        messages: ASKED,
        stream: true,
        stream_options: { include_usage: true },
      });
      const chunks = await chunksOf(stream);
      expect(chunks.at(-1)?.choices).toEqual([]);
      expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
      expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    });

    test("the stream helper puts the answer together", async () => {
      const stream = client().chat.completions.stream({
        model: SANDBOX,
        messages: ASKED,
        stream_options: { include_usage: true },
      });
      const whole = await stream.finalChatCompletion();
      expect(whole.choices[0]?.message.content).toContain("You said");
      expect(whole.usage?.total_tokens).toBeGreaterThan(0);
    });

    test("several choices, each put together by itself", async () => {
      const stream = client().chat.completions.stream({ model: SANDBOX, messages: ASKED, n: 3 });
      const whole = await stream.finalChatCompletion();
      expect(whole.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
      expect(new Set(whole.choices.map((choice) => choice.message.content)).size).toBe(1);
    });
  });

  describe("tools", () => {
    test("a loop over several turns, whole", async () => {
      const messages: ChatCompletionMessageParam[] = [{ role: "user", content: "Please get weather." }];
      const first = await client().chat.completions.create({ model: SANDBOX, messages, tools: [WEATHER] });
      const said = first.choices[0]?.message;
      expect(first.choices[0]?.finish_reason).toBe("tool_calls");
      if (!said?.tool_calls) throw new Error("no tool was called");
      messages.push(said);
      for (const call of said.tool_calls) {
        if (call.type !== "function") throw new Error("not a function");
        expect(JSON.parse(call.function.arguments)).toEqual({ city: "Utrecht" });
        messages.push({ role: "tool", tool_call_id: call.id, content: "rain, 9 degrees" });
      }
      const last = await client().chat.completions.create({ model: SANDBOX, messages, tools: [WEATHER] });
      expect(last.choices[0]?.message.content).toBe("The tool answered: rain, 9 degrees");
    });

    test.each([true, false])("the package's own loop (streamed: %s)", async (stream) => {
      const cities: string[] = [];
      const body = {
        model: SANDBOX,
        messages: [{ role: "user" as const, content: "get weather" }],
        tools: [
          zodFunction({
            name: "get_weather",
            parameters: z.object({ city: z.enum(["Utrecht"]) }),
            function: ({ city }) => {
              cities.push(city);
              return "sun";
            },
          }),
        ],
      };
      const { completions } = client().chat;
      const runner = stream ? completions.runTools({ ...body, stream }) : completions.runTools(body);
      expect(await runner.finalContent()).toBe("The tool answered: sun");
      expect(cities).toEqual(["Utrecht"]);
    });

    test.each([
      ["fake-ok?tools=3&pieces=500", 3],
      ["fake-tool-index-gap?tools=3&pieces=5", 3],
      ["fake-ok?tools=1&pieces=1", 1],
    ])("streamed pieces of %s are put together", async (plan, count) => {
      const { slug } = await api.model(plan);
      const stream = client().chat.completions.stream({ model: slug, messages: ASKED, tools: [WEATHER] });
      const whole = await stream.finalChatCompletion();
      const calls = whole.choices[0]?.message.tool_calls ?? [];
      expect(calls.length).toBe(count);
      for (const call of calls) {
        if (call.type !== "function") throw new Error("not a function");
        expect(JSON.parse(call.function.arguments)).toMatchObject({ unit: "celsius" });
      }
      expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
    });
  });

  describe("structured output", () => {
    const schema = z.object({ title: z.string(), pages: z.int(), tags: z.array(z.string()) });
    const body = {
      model: SANDBOX,
      messages: ASKED,
      response_format: zodResponseFormat(schema, "book"),
    };

    test("the parse helper, whole", async () => {
      const { choices } = await client().chat.completions.parse(body);
      expect(schema.safeParse(choices[0]?.message.parsed).success).toBe(true);
    });

    test("the parse helper, streamed", async () => {
      const whole = await client().chat.completions.stream(body).finalChatCompletion();
      expect(schema.safeParse(whole.choices[0]?.message.parsed).success).toBe(true);
    });

    test("an object without a schema", async () => {
      const answer = await client().chat.completions.create({
        ...body,
        response_format: { type: "json_object" },
      });
      expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toHaveProperty("answer");
    });
  });

  test("images as parts reach the model unchanged", async () => {
    const content = [
      { type: "text" as const, text: "What is this?" },
      { type: "image_url" as const, image_url: { url: IMAGE, detail: "low" as const } },
    ];
    const messages = [{ role: "user" as const, content }];
    const answer = await client().chat.completions.create({ model: SANDBOX, messages });
    expect(answer.choices[0]?.message.content).toContain("It came with 1 image.");
    const { slug } = await api.model("fake-ok", { backend: { capabilities: ["vision"] } });
    await client().chat.completions.create({ model: slug, messages });
    const sent = api.fake.log.records.at(-1)?.body;
    expect(pick(sent, "messages")).toEqual(messages);
  });

  test("models are listed and found, slashes and all", async () => {
    const ids = [];
    for await (const model of client().models.list()) ids.push(model.id);
    expect(ids).toContain(SANDBOX);
    const one = await client().models.retrieve(SANDBOX);
    expect(one).toMatchObject({ id: SANDBOX, object: "model", owned_by: "sandbox" });
  });

  test("leaving a stream closes the upstream", async () => {
    const { slug } = await api.model("fake-ok?tokens=100000&ms=20");
    const controller = new AbortController();
    const stream = await client().chat.completions.create(
      { model: slug, messages: ASKED, stream: true },
      { signal: controller.signal },
    );
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    const leftAtMs = Date.now();
    controller.abort();
    const record = await api.fake.log.waitFor(
      "closed call",
      ({ closedByPeerAtMs, plan }) => closedByPeerAtMs !== undefined && plan.includes("100000"),
    );
    expect((record.closedByPeerAtMs ?? Number.POSITIVE_INFINITY) - leftAtMs).toBeLessThan(1_000);
  });
});
