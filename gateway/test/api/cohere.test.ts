import { afterAll, beforeAll, expect, test } from "bun:test";
import OpenAI from "openai";
import { DirectFetch } from "../clients/direct-fetch.ts";
import { thrown } from "../clients/thrown.ts";
import { pick, pickText } from "../harness/json.ts";
import { describeApi } from "./started.ts";

const WEATHER = {
  type: "function" as const,
  function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
};
const USAGE = {
  billed_units: { input_tokens: 9, output_tokens: 4 },
  tokens: { input_tokens: 500, output_tokens: 6 },
};

/** Says what it was asked, or calls the first tool, as Cohere's chat does. */
class FakeCohere {
  readonly asked: unknown[] = [];
  readonly #server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    reusePort: false,
    fetch: async (request) => {
      if (request.headers.get("authorization") !== "Bearer cohere-key-for-tests") {
        return Response.json({ message: "invalid api token" }, { status: 401 });
      }
      const { pathname } = new URL(request.url);
      if (pathname === "/v1/models") return Response.json({ models: [{ name: "command-a-03-2025" }] });
      if (pathname !== "/v2/chat") return Response.json({ message: "no such path" }, { status: 404 });
      const asked: unknown = await request.json();
      this.asked.push(asked);
      return pick(asked, "stream") === true ? streamed(asked) : Response.json(whole(asked));
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  stop(): Promise<void> {
    return this.#server.stop(true);
  }
}

function callsTool(asked: unknown): boolean {
  return pick(asked, "tools.0") !== undefined && pick(asked, "messages.1") === undefined;
}

function whole(asked: unknown): object {
  const call = { id: "c1", type: "function", function: { name: "weather", arguments: `{"city":"Utrecht"}` } };
  if (!callsTool(asked)) {
    const message = { role: "assistant", content: [{ type: "text", text: "Rain." }] };
    return { id: "up-1", message, finish_reason: "COMPLETE", usage: USAGE };
  }
  const message = { role: "assistant", tool_plan: "I will ask.", tool_calls: [call] };
  return { id: "up-1", message, finish_reason: "TOOL_CALL", usage: USAGE };
}

function streamed(asked: unknown): Response {
  const text = (said: string) => ({
    type: "content-delta",
    index: 0,
    delta: { message: { content: { text: said } } },
  });
  const cut = pick(asked, "messages.0.content") === "cut";
  const events: { readonly type: string; readonly delta?: object }[] = [
    { type: "message-start" },
    text("Ra"),
    text("in."),
    ...(cut ? [] : [{ type: "message-end", delta: { finish_reason: "COMPLETE", usage: USAGE } }]),
  ];
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

describeApi("Cohere as a provider", (api) => {
  const fake = new FakeCohere();
  let providerId = "";
  beforeAll(async () => {
    const created = await api.gateway.api("POST", "/v1/providers", {
      body: {
        name: "Cohere",
        type: "cohere",
        base_url: fake.url,
        connection_config: { api_key: "cohere-key-for-tests" },
      },
    });
    providerId = pickText(created.body, "data.id");
    const backend = await api.gateway.api("POST", "/v1/backends", {
      body: { provider_id: providerId, upstream_model: "command-a-03-2025", free: true },
    });
    expect(pick(backend.body, "data.dialect")).toBe("cohere");
    const model = await api.gateway.api("POST", "/v1/models", {
      body: {
        slug: "cohere/command-a",
        display_name: "Command A",
        modality: "chat",
        context_window: 256_000,
        free: true,
      },
    });
    await api.gateway.api("POST", "/v1/routing-policies", {
      body: {
        model_id: pickText(model.body, "data.id"),
        strategy: "priority",
        targets: [{ backend_id: pickText(backend.body, "data.id") }],
      },
    });
  });
  afterAll(() => fake.stop());

  const client = () =>
    new OpenAI({
      baseURL: `${api.gateway.url}/oai/v1`,
      apiKey: api.gateway.firstKey,
      fetch: new DirectFetch().fetch,
      maxRetries: 0,
    });
  const user = (content: string) => ({ role: "user" as const, content });

  test("its models are listed, and a test of the connection passes", async () => {
    const found = await api.gateway.api("POST", `/v1/providers/${providerId}/discover`);
    expect(JSON.stringify(found.body)).toContain("command-a-03-2025");
    const tested = await api.gateway.api("POST", `/v1/providers/${providerId}/test`);
    expect(tested.status).toBe(200);
  });

  test.each(["chat", "responses"] as const)(
    "a loop of tools by OpenAI's %s gives the plan back",
    async (door) => {
      const before = fake.asked.length;
      if (door === "chat") {
        const messages: OpenAI.ChatCompletionMessageParam[] = [user("weather?")];
        const body = { model: "cohere/command-a", tools: [WEATHER] };
        const first = await client().chat.completions.create({ ...body, messages });
        const said = first.choices[0]?.message;
        if (!said?.tool_calls) throw new Error("no tool was called");
        messages.push(said, { role: "tool", tool_call_id: "c1", content: "rain" });
        const last = await client().chat.completions.create({ ...body, messages });
        expect(last.choices[0]?.message.content).toBe("Rain.");
      } else {
        const input: OpenAI.Responses.ResponseInput = [user("weather?")];
        const { name, parameters } = WEATHER.function;
        const tools = [{ type: "function" as const, name, parameters, strict: false }];
        const first = await client().responses.create({ model: "cohere/command-a", input, tools });
        input.push(...first.output.map((item) => ({ ...item }) as OpenAI.Responses.ResponseInputItem));
        input.push({ type: "function_call_output", call_id: "c1", output: "rain" });
        const last = await client().responses.create({ model: "cohere/command-a", input, tools });
        expect(last.output_text).toBe("Rain.");
      }
      const [, second] = fake.asked.slice(before);
      expect(pick(second, "messages.1")).toMatchObject({
        role: "assistant",
        tool_plan: "I will ask.",
        tool_calls: [{ id: "c1", function: { name: "weather", arguments: `{"city":"Utrecht"}` } }],
      });
      expect(pick(second, "messages.2")).toEqual({ role: "tool", tool_call_id: "c1", content: "rain" });
    },
  );

  test("a stream, whose usage is what is billed", async () => {
    const stream = await api.stream({ model: "cohere/command-a", messages: [user("hi")] });
    const { content, finishReason, usage } = await stream.end();
    expect([content, finishReason]).toEqual(["Rain.", "stop"]);
    expect(usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 4 });
  });

  test("a stream that ends without its last event is no answer", async () => {
    const stream = await api.stream({ model: "cohere/command-a", messages: [user("cut")] });
    const { error, doneCount } = await stream.end();
    expect([pick(error, "code"), doneCount]).toEqual(["BACKEND_ERROR", 1]);
  });

  test("what it cannot do is refused, what it need not do is left out and told", async () => {
    const refused = await thrown(
      client().chat.completions.create({ model: "cohere/command-a", messages: [user("hi")], logprobs: true }),
    );
    expect(refused).toMatchObject({ status: 400, param: "logprobs" });
    const reply = await api.chat({ model: "cohere/command-a", messages: [user("hi")], user: "me", seed: 4 });
    expect(pick(reply.body, "data._meta.dropped")).toEqual(["user"]);
    expect(pick(fake.asked.at(-1), "seed")).toBe(4);
  });
});
