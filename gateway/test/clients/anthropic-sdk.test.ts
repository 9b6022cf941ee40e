import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import type { Message, MessageParam, Tool } from "@anthropic-ai/sdk/resources/messages";
import { addFakeBackend } from "../harness/fake-backend.ts";
import { describeApi, SANDBOX, traceOf } from "../api/started.ts";
import { FAKE_USAGE, FakeAnthropic, OVERLOADED, OVERLOADED_HOST, signed } from "../fakes/fake-anthropic.ts";
import { pick } from "../harness/json.ts";
import { DirectFetch } from "./direct-fetch.ts";

const ASKED: MessageParam[] = [{ role: "user", content: "Say something." }];
const WEATHER: Tool = {
  name: "get_weather",
  description: "The weather in a city",
  input_schema: {
    type: "object",
    properties: { city: { type: "string", enum: ["Utrecht"] } },
    required: ["city"],
    additionalProperties: false,
  },
};
const THOUGHT = "Let me see… “é”";

function textOf({ content }: Message): string {
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

describeApi("the official Anthropic package", (api) => {
  const fake = new FakeAnthropic();
  let claude = "";
  let budgeted = "";
  beforeAll(async () => {
    const provider = { type: "anthropic" };
    const options = { apiKey: fake.apiKey, provider, model: { max_output_tokens: 8_192 } };
    claude = (await addFakeBackend(api.gateway, fake, { ...options, plans: ["claude-opus-5"] })).slug;
    budgeted = (await addFakeBackend(api.gateway, fake, { ...options, plans: ["claude-sonnet-4-5"] })).slug;
  });
  afterAll(() => fake.stop());

  const client = (net = new DirectFetch()): Anthropic =>
    new Anthropic({
      baseURL: `${api.gateway.url}/anthropic`,
      apiKey: api.gateway.firstKey,
      fetch: net.fetch,
      maxRetries: 0,
    });
  /** A message, whole or streamed. */
  const ask = (isStream: boolean, body: Omit<Anthropic.MessageCreateParamsNonStreaming, "max_tokens">) =>
    isStream
      ? client()
          .messages.stream({ max_tokens: 4_096, ...body })
          .finalMessage()
      : client().messages.create({ max_tokens: 4_096, ...body });

  describe.each([
    ["whole", false],
    ["streamed", true],
  ])("%s", (_how, isStream) => {
    test.each([["the sandbox"], ["Anthropic"], ["a server of OpenAI's format"]])(
      "a message from %s",
      async (from) => {
        const other = from.startsWith("a server") ? (await api.model("fake-ok?tokens=3")).slug : claude;
        const model = from === "the sandbox" ? SANDBOX : other;
        const answer = await ask(isStream, { model, messages: ASKED, system: "Be short." });
        expect(textOf(answer)).toMatch(/Say something|aquabolt/);
        expect(answer).toMatchObject({ type: "message", role: "assistant", model, stop_reason: "end_turn" });
        expect(answer.id).toStartWith("msg_");
        expect(answer.usage.input_tokens).toBeGreaterThan(0);
        expect(answer.usage.output_tokens).toBeGreaterThan(0);
      },
    );

    test("an Anthropic backend is sent what was asked, and tells its own usage", async () => {
      const asked = {
        model: claude,
        system: [{ type: "text" as const, text: "s", cache_control: { type: "ephemeral" as const } }],
        messages: [{ role: "user" as const, content: [{ type: "text" as const, text: "hi" }] }],
      };
      const options = { headers: { "anthropic-beta": "x-2026-01-01", "anthropic-version": "2024-10-22" } };
      const answer = isStream
        ? await client()
            .messages.stream({ ...asked, max_tokens: 16_000 }, options)
            .finalMessage()
        : await client().messages.create({ ...asked, max_tokens: 16_000 }, options);
      const { body, headers } = fake.last;
      expect(body).toEqual({
        ...asked,
        model: "claude-opus-5",
        max_tokens: 8_192,
        ...(isStream && { stream: true }),
      });
      expect(headers.get("anthropic-beta")).toBe("x-2026-01-01");
      expect(headers.get("anthropic-version")).toBe("2024-10-22");
      expect(headers.get("authorization")).toBeNull();
      expect(answer.usage).toMatchObject({
        input_tokens: FAKE_USAGE.input,
        cache_read_input_tokens: FAKE_USAGE.cached,
        cache_creation_input_tokens: FAKE_USAGE.written,
        output_tokens: FAKE_USAGE.output,
        output_tokens_details: { thinking_tokens: FAKE_USAGE.thinking },
      });
    });

    test.each([["claude"], ["budgeted"]])("a round of tools with thinking, %s", async (name) => {
      const model = name === "claude" ? claude : budgeted;
      const thinking = { type: "enabled", budget_tokens: 1_024 } as const;
      const first = await ask(isStream, { model, messages: ASKED, tools: [WEATHER], thinking });
      expect(first.stop_reason).toBe("tool_use");
      expect(first.content).toMatchObject([
        { type: "thinking", thinking: THOUGHT, signature: signed(THOUGHT) },
        { type: "redacted_thinking", data: signed("redacted") },
        { type: "text" },
        { type: "tool_use", id: "toolu_1", name: "get_weather", input: { city: "Utrecht" } },
      ]);
      const result = { type: "tool_result", tool_use_id: "toolu_1", content: "18 °C" } as const;
      const messages: MessageParam[] = [
        ...ASKED,
        { role: "assistant", content: first.content },
        { role: "user", content: [result] },
      ];
      const second = await ask(isStream, { model, messages, tools: [WEATHER], thinking });
      expect(textOf(second)).toBe("It is 18 °C.");
      expect(pick(fake.last.body, "messages.1.content")).toEqual(first.content);
    });

    test("a tool of the sandbox, and its result", async () => {
      const first = await ask(isStream, {
        model: SANDBOX,
        messages: ASKED,
        tools: [WEATHER],
        tool_choice: { type: "any" },
      });
      expect(first.stop_reason).toBe("tool_use");
      const call = first.content.find((block) => block.type === "tool_use");
      expect(call).toMatchObject({ name: "get_weather", input: { city: "Utrecht" } });
      const result = {
        type: "tool_result",
        tool_use_id: call?.id ?? "",
        content: "18 °C",
        is_error: false,
      } as const;
      const messages: MessageParam[] = [
        ...ASKED,
        { role: "assistant", content: first.content },
        { role: "user", content: [result, { type: "text", text: "So?" }] },
      ];
      const second = await ask(isStream, { model: SANDBOX, messages, tools: [WEATHER] });
      expect(second.stop_reason).toBe("end_turn");
    });

    test("reasoning that nobody has signed goes to another model without it", async () => {
      const { slug } = await api.model("fake-ok?tokens=3&reasoning=2");
      const first = await ask(isStream, { model: slug, messages: ASKED });
      expect(first.content[0]).toMatchObject({ type: "thinking", thinking: "aquabolt" });
      const messages: MessageParam[] = [...ASKED, { role: "assistant", content: first.content }, ...ASKED];
      expect(textOf(await ask(isStream, { model: claude, messages }))).toContain("Say something.");
      expect(pick(fake.last.body, "messages.1.content")).toMatchObject([
        { type: "text", text: "aquaboltcrag" },
      ]);
    });

    test.each([["the sandbox"], ["Anthropic"]])("an answer held to a schema, by %s", async (by) => {
      const model = by === "Anthropic" ? claude : SANDBOX;
      const output_config = { format: { type: "json_schema" as const, schema: WEATHER.input_schema } };
      const answer = await ask(isStream, { model, messages: ASKED, output_config });
      expect(JSON.parse(textOf(answer))).toEqual({ city: "Utrecht" });
    });
  });

  test("how hard to think is told to a model of another format that is known to think, and to no other", async () => {
    const thinking = { type: "enabled", budget_tokens: 1_024 } as const;
    for (const capabilities of [["reasoning"], []]) {
      const { slug } = await api.model("fake-ok?tokens=3", { model: { capabilities } });
      await ask(false, { model: slug, messages: ASKED, thinking });
      const effort = pick(api.fake.log.records.at(-1)?.body, "reasoning_effort");
      expect(effort).toBe(capabilities.length === 0 ? undefined : "low");
    }
  });

  test("parsed output, and the events of a stream", async () => {
    const format = {
      type: "json_schema" as const,
      schema: WEATHER.input_schema,
      parse: (text: string): unknown => JSON.parse(text),
    };
    const parsed = await client().messages.parse({
      model: claude,
      max_tokens: 100,
      messages: ASKED,
      output_config: { format },
    });
    expect(parsed.parsed_output).toEqual({ city: "Utrecht" });
    const stream = client().messages.stream({ model: SANDBOX, max_tokens: 100, messages: ASKED });
    let text = "";
    stream.on("text", (piece) => (text += piece));
    const kinds = (await Array.fromAsync(stream)).map(({ type }) => type);
    expect(kinds[0]).toBe("message_start");
    expect(kinds.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    expect(text).toBe(await stream.finalText());
  });

  test("a stream that is aborted ends the call", async () => {
    const { slug } = await api.model("fake-ok?tokens=100000&ms=20");
    const stream = client().messages.stream({ model: slug, max_tokens: 1_000, messages: ASKED });
    const { request_id } = await stream.withResponse();
    for await (const event of stream) if (event.type === "content_block_delta") break;
    const trace = await traceOf(api.gateway, request_id ?? "", (data) => pick(data, "outcome") !== undefined);
    expect(pick(trace.body, "data.outcome")).toBe("client_gone");
  });

  test("tokens are counted by Anthropic where it answers, and estimated elsewhere, free of charge", async () => {
    const counted = await client().messages.countTokens({ model: claude, messages: ASKED, tools: [WEATHER] });
    expect(counted.input_tokens).toBe(42);
    expect(fake.last).toMatchObject({ path: "/v1/messages/count_tokens", body: { model: "claude-opus-5" } });
    const { data, response } = await client()
      .messages.countTokens({ model: SANDBOX, messages: ASKED })
      .withResponse();
    const asked = await client().messages.create({ model: SANDBOX, max_tokens: 1, messages: ASKED });
    expect(data.input_tokens).toBe(asked.usage.input_tokens);
    expect(response.headers.get("x-scaigrid-counted-by")).toBe("estimate");
    const id = response.headers.get("request-id") ?? "";
    const trace = await traceOf(api.gateway, id, (told) => pick(told, "outcome") !== undefined);
    expect(pick(trace.body, "data.outcome")).toBe("completed");
    expect(pick(trace.body, "data.usage")).toBeFalsy();
  });

  test("where one backend cannot count another does, and the trace tells the caller no more than why", async () => {
    const options = { apiKey: fake.apiKey, provider: { type: "anthropic" } };
    const plans = [OVERLOADED, "claude-opus-5"];
    const { slug } = await addFakeBackend(api.gateway, fake, { ...options, plans });
    const { data, response } = await client()
      .messages.countTokens({ model: slug, messages: ASKED })
      .withResponse();
    expect(data.input_tokens).toBe(42);
    const id = response.headers.get("request-id") ?? "";
    const trace = await traceOf(api.gateway, id, (told) => pick(told, "outcome") !== undefined);
    expect(trace.text).toContain("count_failed");
    expect(trace.text).not.toContain(OVERLOADED_HOST);
  });

  test("models, page by page and one by one", async () => {
    const all = await Array.fromAsync(client().models.list({ limit: 1 }));
    expect(all.map(({ id }) => id)).toContain(SANDBOX);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const page = await client().models.list({ limit: 1, before_id: all[1]?.id ?? "" });
    expect(page.data.map(({ id }) => id)).toEqual([all[0]?.id ?? ""]);
    expect(await client().models.retrieve(claude)).toMatchObject({
      type: "model",
      id: claude,
      max_tokens: 8_192,
    });
  });

  test("a bearer token is taken as well as a key", async () => {
    const { url, firstKey } = api.gateway;
    const other = new Anthropic({
      baseURL: `${url}/anthropic`,
      apiKey: null,
      authToken: firstKey,
      fetch: new DirectFetch().fetch,
    });
    expect((await other.messages.create({ model: SANDBOX, max_tokens: 9, messages: ASKED })).role).toBe(
      "assistant",
    );
  });
});
