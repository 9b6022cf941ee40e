import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { zodTextFormat } from "openai/helpers/zod";
import type {
  FunctionTool,
  Response,
  ResponseInput,
  ResponseStreamEvent,
} from "openai/resources/responses/responses";
import { z } from "zod";
import { describeApi, SANDBOX } from "../api/started.ts";
import { pick } from "../harness/json.ts";
import { DirectFetch } from "./direct-fetch.ts";
import { thrown } from "./thrown.ts";

const ASKED = { model: SANDBOX, input: "Say something." };
const WEATHER: FunctionTool = {
  type: "function",
  name: "get_weather",
  description: "The weather in a city",
  parameters: {
    type: "object",
    properties: { city: { type: "string", enum: ["Utrecht"] } },
    required: ["city"],
    additionalProperties: false,
  },
  strict: true,
};
const PATHS = ["/oai/v1/responses", "/v1/responses"];

describeApi("the Responses API with the official openai package", (api) => {
  const client = (base = "/oai/v1") =>
    new OpenAI({
      baseURL: `${api.gateway.url}${base}`,
      apiKey: api.gateway.firstKey,
      fetch: new DirectFetch().fetch,
      maxRetries: 0,
    });
  const eventsOf = async (body: object): Promise<ResponseStreamEvent[]> =>
    Array.fromAsync(await client().responses.create({ ...ASKED, ...body, stream: true }));

  test.each(PATHS)("%s, whole", async (path) => {
    const { responses } = client(path.replace(/\/responses$/, ""));
    const answer = await responses.create({ ...ASKED, instructions: "Be kind.", metadata: { a: "b" } });
    expect(answer.output_text).toContain("You said: “Say something.”");
    expect(answer).toMatchObject({
      object: "response",
      status: "completed",
      model: SANDBOX,
      instructions: "Be kind.",
      metadata: { a: "b" },
      error: null,
      incomplete_details: null,
    });
    expect(answer.id).toBe(`resp_${answer._request_id?.slice(4)}`);
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
    const reply = await api.gateway.api("POST", path, { key: api.gateway.firstKey, body: ASKED });
    expect(reply.status).toBe(200);
  });

  test("a stream: every event of the format, in its order and numbered, and the same answer", async () => {
    const events = await eventsOf({});
    const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
    expect(types).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_event, i) => i));
    const last = events.at(-1);
    if (last?.type !== "response.completed") throw new Error("no end");
    const whole = await client().responses.create(ASKED);
    const pieces = events.map((event) => (event.type === "response.output_text.delta" ? event.delta : ""));
    expect(pieces.join("")).toBe(whole.output_text);
    expect(last.response.usage).toEqual(whole.usage);
  });

  test("the stream helper puts the answer together", async () => {
    const answer = await client().responses.stream(ASKED).finalResponse();
    expect(answer.output_text).toContain("You said");
  });

  describe("tools", () => {
    test.each([false, true])("a loop over several turns (streamed: %s)", async (streamed) => {
      const input: ResponseInput = [{ role: "user", content: "Please get weather." }];
      const ask = (): Promise<Response> => {
        const body = { model: SANDBOX, input, tools: [WEATHER] };
        return streamed ? client().responses.stream(body).finalResponse() : client().responses.create(body);
      };
      const first = await ask();
      const calls = first.output.filter((item) => item.type === "function_call");
      expect(calls.map(({ name, arguments: text }) => [name, JSON.parse(text)])).toEqual([
        ["get_weather", { city: "Utrecht" }],
      ]);
      input.push(...first.output.map((item) => ({ ...item }) as ResponseInput[number]));
      for (const { call_id } of calls) {
        input.push({ type: "function_call_output", call_id, output: "rain, 9 degrees" });
      }
      expect((await ask()).output_text).toBe("The tool answered: rain, 9 degrees");
    });

    test("only those that are allowed are offered, and tools of the provider are refused", async () => {
      const { slug } = await api.model("fake-ok?tools=1");
      const other = { ...WEATHER, name: "other" };
      await client().responses.create({
        ...ASKED,
        model: slug,
        tools: [WEATHER, other],
        tool_choice: {
          type: "allowed_tools",
          mode: "required",
          tools: [{ type: "function", name: "other" }],
        },
      });
      const sent = api.fake.log.records.at(-1)?.body;
      expect(pick(sent, "tools.0.function.name")).toBe("other");
      expect(pick(sent, "tools.1")).toBeUndefined();
      expect(pick(sent, "tool_choice")).toBe("required");
      const refused = await thrown(client().responses.create({ ...ASKED, tools: [{ type: "web_search" }] }));
      expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
      expect(refused).toMatchObject({ param: "tools[0].type" });
    });

    test("calls in many pieces are put together", async () => {
      const { slug } = await api.model("fake-ok?tools=3&pieces=40");
      const stream = client().responses.stream({ ...ASKED, model: slug, tools: [WEATHER] });
      const { output } = await stream.finalResponse();
      expect(output.map((item) => item.type)).toEqual(["function_call", "function_call", "function_call"]);
      for (const item of output) {
        if (item.type !== "function_call") throw new Error("not a call");
        expect(JSON.parse(item.arguments)).toMatchObject({ unit: "celsius" });
      }
    });
  });

  test("reasoning is an item in front of the answer, streamed and whole", async () => {
    const { slug } = await api.model("fake-ok?reasoning=3&tokens=2");
    const body = { ...ASKED, model: slug };
    for (const answer of [
      await client().responses.create(body),
      await client().responses.stream(body).finalResponse(),
    ]) {
      expect(answer.output.map((item) => item.type)).toEqual(["reasoning", "message"]);
      const [thought] = answer.output;
      expect(thought?.type === "reasoning" && thought.summary[0]?.text).toBe("aquaboltcrag");
      expect(answer.output_text).toBe("aquabolt");
      expect(answer.usage?.output_tokens_details.reasoning_tokens).toBe(3);
    }
  });

  test.each([false, true])("structured output by the parse helper (streamed: %s)", async (streamed) => {
    const schema = z.object({ title: z.string(), pages: z.int() });
    const body = { ...ASKED, text: { format: zodTextFormat(schema, "book") } };
    const answer = streamed
      ? await client().responses.stream(body).finalResponse()
      : await client().responses.parse(body);
    expect(schema.safeParse(answer.output_parsed).success).toBe(true);
  });

  test("an answer cut by its limit is incomplete, and says why", async () => {
    const body = { ...ASKED, max_output_tokens: 2 };
    const whole = await client().responses.create(body);
    expect(whole).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
    });
    const events = await eventsOf({ max_output_tokens: 2 });
    expect(events.at(-1)).toMatchObject({
      type: "response.incomplete",
      response: { incomplete_details: { reason: "max_output_tokens" } },
    });
  });

  test("images and files as parts reach the model", async () => {
    const { slug } = await api.model("fake-ok", { backend: { capabilities: ["vision"] } });
    await client().responses.create({
      model: slug,
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "What is this?" },
            { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "low" },
            { type: "input_file", file_data: "data:application/pdf;base64,AAAA", filename: "a.pdf" },
          ],
        },
      ],
    });
    expect(pick(api.fake.log.records.at(-1)?.body, "messages.0.content")).toEqual([
      { type: "text", text: "What is this?" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
      { type: "file", file: { file_data: "data:application/pdf;base64,AAAA", filename: "a.pdf" } },
    ]);
  });

  describe("errors", () => {
    test.each([
      ["BACKEND_RATE_LIMITED", OpenAI.RateLimitError, 429],
      ["BACKEND_ERROR", OpenAI.InternalServerError, 502],
      ["CONTEXT_LENGTH_EXCEEDED", OpenAI.BadRequestError, 400],
    ] as const)("%s, whole and streamed", async (error, kind, status) => {
      const headers = { "x-scaigrid-simulate": JSON.stringify({ error }) };
      for (const stream of [false, true]) {
        const caught = await thrown(client().responses.create({ ...ASKED, stream }, { headers }));
        expect(caught).toBeInstanceOf(kind);
        expect(caught).toMatchObject({ status });
      }
    });

    test("a failure in the middle of a stream is thrown; the bare events end with response.failed", async () => {
      const { slug } = await api.model("fake-error-event?after=3&tokens=9");
      let text = "";
      const broken = await thrown(
        (async () => {
          const stream = await client().responses.create({ ...ASKED, model: slug, stream: true });
          for await (const event of stream)
            if (event.type === "response.output_text.delta") text += event.delta;
        })(),
      );
      expect(broken).toBeInstanceOf(OpenAI.APIError);
      expect(broken).toMatchObject({ code: "backend_error" });
      expect(text).toBe("aquaboltcrag");
      const stream = await api.gateway.chatStream({ ...ASKED, model: slug }, { path: "/oai/v1/responses" });
      const { events } = await stream.end();
      expect(events.slice(-2).map(({ name }) => name)).toEqual(["error", "response.failed"]);
      expect(pick(events.at(-1)?.json, "response.status")).toBe("failed");
      expect(pick(events.at(-1)?.json, "response.output.0.content.0.text")).toBe("aquaboltcrag");
    });

    test.each([
      [{ previous_response_id: "resp_1" }, "previous_response_id"],
      [{ background: true }, "background"],
      [{ input: [{ type: "item_reference", id: "msg_1" }] }, "input[0]"],
      [{ input: [] }, "input"],
      [{ max_output_tokens: 0 }, "max_output_tokens"],
    ])("%j is refused, and the field is named", async (body, param) => {
      const refused = await thrown(client().responses.create({ ...ASKED, ...(body as object) }));
      expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
      expect(refused).toMatchObject({ param });
    });

    test.each(PATHS)("%s refuses strangers, and paths below it, in OpenAI's words", async (path) => {
      const reply = await api.gateway.api("POST", path, { key: undefined, body: "not JSON" });
      expect([reply.status, pick(reply.body, "error.code")]).toEqual([401, "invalid_api_key"]);
      const below = await api.gateway.api("GET", `${path}/resp_1`);
      expect([below.status, pick(below.body, "error.type")]).toEqual([404, "invalid_request_error"]);
    });
  });

  test("leaving a stream closes the upstream", async () => {
    const { slug } = await api.model("fake-ok?tokens=80000&ms=20");
    const controller = new AbortController();
    const stream = await client().responses.create(
      { ...ASKED, model: slug, stream: true },
      { signal: controller.signal },
    );
    for await (const event of stream) if (event.type === "response.output_text.delta") break;
    controller.abort();
    await api.fake.log.waitFor(
      "closed call",
      ({ closedByPeerAtMs, plan }) => closedByPeerAtMs !== undefined && plan.includes("80000"),
    );
  });
});
