import { describe, expect, test } from "bun:test";
import { isObject, pick, pickText } from "../harness/json.ts";
import { MESSAGES, SANDBOX, codeOf, describeApi, detailsOf, fieldsOf, requestIdOf } from "./started.ts";

const CONTENT = "data.choices.0.message.content";
const WEATHER_TOOL = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

describeApi("a whole chat answer", (api) => {
  test("comes in the envelope, with one request id in header, meta and _meta", async () => {
    const reply = await api.chat();
    expect(reply.status).toBe(200);
    const id = requestIdOf(reply);
    expect(pick(reply.body, "meta.request_id")).toBe(id);
    expect(pick(reply.body, "data._meta.request_id")).toBe(id);
    expect(pick(reply.body, "data._meta.latency_ms")).toBeNumber();
    expect(pickText(reply.body, "data.id")).toBe(`chatcmpl-${id.slice(4)}`);
    expect(pick(reply.body, "data.model")).toBe(SANDBOX);
    expect(reply.headers.get("cache-control")).toBe("no-store");
  });

  test("counts tokens as the sandbox documents it", async () => {
    const reply = await api.chat();
    const content = pickText(reply.body, CONTENT);
    // ⌈12 bytes / 4⌉ + 4 for the message.
    expect(pick(reply.body, "data.usage.prompt_tokens")).toBe(7);
    const out = Math.ceil(Buffer.byteLength(content) / 4);
    expect(pick(reply.body, "data.usage.completion_tokens")).toBe(out);
    expect(pick(reply.body, "data.usage.total_tokens")).toBe(7 + out);
  });

  test("is the same for the same prompt", async () => {
    const haiku = { messages: [{ role: "user", content: "Write a haiku about distributed systems" }] };
    const [first, second] = await Promise.all([api.chat(haiku), api.chat(haiku)]);
    expect(pickText(first.body, CONTENT).split("\n")).toHaveLength(3);
    expect(pick(second.body, CONTENT)).toBe(pick(first.body, CONTENT));
  });

  test("calls a declared tool, and uses what the tool answered", async () => {
    const asked = { role: "user", content: "Please get weather for Paris" };
    const first = await api.chat({ messages: [asked], tools: [WEATHER_TOOL] });
    expect(pick(first.body, "data.choices.0.finish_reason")).toBe("tool_calls");
    const message = pick(first.body, "data.choices.0.message");
    expect(pick(message, "tool_calls.0.function.name")).toBe("get_weather");
    const args: unknown = JSON.parse(pickText(message, "tool_calls.0.function.arguments"));
    expect(pick(args, "city")).toBeString();
    const told = {
      role: "tool",
      tool_call_id: pickText(message, "tool_calls.0.id"),
      content: "It is 21 degrees.",
    };
    const second = await api.chat({ messages: [asked, message, told], tools: [WEATHER_TOOL] });
    expect(pickText(second.body, CONTENT)).toContain("It is 21 degrees.");
    expect(pick(second.body, "data.choices.0.finish_reason")).toBe("stop");
  });

  test("obeys a JSON schema", async () => {
    const schema = {
      type: "object",
      properties: { title: { type: "string" }, tags: { type: "array", items: { type: "string" } } },
      required: ["title", "tags"],
      additionalProperties: false,
    };
    const reply = await api.chat({
      response_format: { type: "json_schema", json_schema: { name: "note", strict: true, schema } },
    });
    const value: unknown = JSON.parse(pickText(reply.body, CONTENT));
    expect(isObject(value) ? Object.keys(value).sort() : value).toEqual(["tags", "title"]);
    expect(pick(value, "title")).toBeString();
    expect(pick(value, "tags")).toBeArray();
  });

  test("obeys json_object", async () => {
    const reply = await api.chat({ response_format: { type: "json_object" } });
    expect(isObject(JSON.parse(pickText(reply.body, CONTENT)))).toBe(true);
  });

  test("takes images as parts of a message", async () => {
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
    const parts = [{ type: "text", text: "What is this?" }, image];
    const reply = await api.chat({ messages: [{ role: "user", content: parts }] });
    expect(reply.status).toBe(200);
    expect(pickText(reply.body, CONTENT)).toContain("1 image");
  });

  test("ends at max_tokens, by either of its names, and says so", async () => {
    for (const limit of [{ max_tokens: 3 }, { max_completion_tokens: 3 }]) {
      const reply = await api.chat(limit);
      expect(pick(reply.body, "data.choices.0.finish_reason")).toBe("length");
      expect(pick(reply.body, "data.usage.completion_tokens")).toBe(3);
      expect(pick(reply.body, "data._meta.max_tokens")).toBeUndefined();
    }
  });

  test("is capped by the model's max_output_tokens, which _meta tells", async () => {
    const reply = await api.chat({ max_tokens: 1_000_000 });
    expect(pick(reply.body, "data._meta.max_tokens")).toBe(32_768);
  });

  test("ends at a stop sequence", async () => {
    const reply = await api.chat({ stop: ["twelve"] });
    expect(pickText(reply.body, CONTENT)).not.toContain("twelve");
    expect(pick(reply.body, "data.choices.0.finish_reason")).toBe("stop");
  });

  test("has as many choices as were asked for", async () => {
    const reply = await api.chat({ n: 2 });
    expect(pick(reply.body, "data.choices")).toHaveLength(2);
    expect(pick(reply.body, "data.choices.1.index")).toBe(1);
  });

  test("names the backend to callers who may see routing", async () => {
    const reply = await api.chat();
    expect(reply.headers.get("x-scaigrid-backend")).toMatch(/^be_/);
  });
});

describeApi("a chat request", (api) => {
  const BAD: readonly (readonly [string, object, string])[] = [
    ["no model", { model: undefined }, "model"],
    ["no messages", { messages: [] }, "messages"],
    ["an unknown role", { messages: [{ role: "robot", content: "x" }] }, "messages[0].role"],
    ["a message without content", { messages: [{ role: "user" }] }, "messages[0].content"],
    ["max_tokens of 0", { max_tokens: 0 }, "max_tokens"],
    ["a temperature of 2.1", { temperature: 2.1 }, "temperature"],
    ["a top_p of -1", { top_p: -1 }, "top_p"],
    ["five stop sequences", { stop: ["a", "b", "c", "d", "e"] }, "stop"],
    ["a fractional seed", { seed: 1.5 }, "seed"],
    ["stream as text", { stream: "yes" }, "stream"],
    ["metadata that is not text", { metadata: { a: 1 } }, "metadata.a"],
    [
      "seventeen metadata keys",
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, "v"])) },
      "metadata",
    ],
    ["an unknown response format", { response_format: { type: "xml" } }, "response_format.type"],
    ["a service tier, which costs money and has no price", { service_tier: "priority" }, "service_tier"],
    [
      "an image over plain http",
      {
        messages: [
          {
            role: "user",
            content: [{ type: "image_url", image_url: { url: "http://example.com/a.png" } }],
          },
        ],
      },
      "messages[0].content[0].image_url.url",
    ],
  ];
  test.each(BAD)("with %s is refused by its field", async (_name, change, field) => {
    const reply = await api.chat(change);
    expect(codeOf(reply)).toBe("VALIDATION_ERROR");
    expect(fieldsOf(reply)).toContain(field);
    expect(detailsOf(reply).every((detail) => detail["message"] !== "")).toBe(true);
  });

  test("for a model that does not exist is answered with the three nearest names", async () => {
    for (const slug of ["acme/poolnoodle-1", "acme/poolnoodle-2", "acme/poolnoodle-3", "acme/zebra"]) {
      const body = { slug, context_window: 1000, free: true };
      expect((await api.gateway.api("POST", "/v1/models", { body })).status).toBe(201);
    }
    const reply = await api.chat({ model: "acme/poolnoodel-1" });
    expect(codeOf(reply)).toBe("MODEL_NOT_FOUND");
    const hint = pickText(reply.body, "error.hint");
    const named = hint.match(/[a-z0-9._-]+\/[a-z0-9._-]+/g);
    expect(named?.map((slug) => slug.replace(/\.$/, ""))).toEqual([
      "acme/poolnoodle-1",
      "acme/poolnoodle-2",
      "acme/poolnoodle-3",
    ]);
  });

  test("with fields this version does not know is passed on, metadata is not", async () => {
    const { slug } = await api.model("fake-ok?tokens=2");
    await api.chat({ model: slug, top_k: 40, metadata: { team: "blue" }, seed: 7 });
    const sent = api.fake.log.records.at(-1)?.body;
    expect(pick(sent, "top_k")).toBe(40);
    expect(pick(sent, "seed")).toBe(7);
    expect(pick(sent, "metadata")).toBeUndefined();
    expect(pick(sent, "model")).toBe("fake-ok?tokens=2");
  });

  test("for a model that is no chat model is refused", async () => {
    const body = { slug: "acme/embedder", context_window: 1000, modality: "embedding", free: true };
    expect((await api.gateway.api("POST", "/v1/models", { body })).status).toBe(201);
    const reply = await api.chat({ model: "acme/embedder" });
    expect(codeOf(reply)).toBe("VALIDATION_ERROR");
    expect(fieldsOf(reply)).toEqual(["model"]);
  });

  describe("is given what its model sets", () => {
    test("default_params beneath the caller's own values, and the system prompt in front", async () => {
      const model = {
        default_params: { temperature: 0.3, max_tokens: 5, seed: 1 },
        system_prompt: "Be brief.",
      };
      const { slug } = await api.model("fake-ok?tokens=2", { model });
      await api.chat({ model: slug, temperature: 0.9 });
      const sent = api.fake.log.records.at(-1)?.body;
      expect(pick(sent, "temperature")).toBe(0.9);
      expect(pick(sent, "max_tokens") ?? pick(sent, "max_completion_tokens")).toBe(5);
      expect(pick(sent, "seed")).toBe(1);
      expect(pick(sent, "messages")).toEqual([{ role: "system", content: "Be brief." }, ...MESSAGES]);
    });

    test("and no more output than the model may give", async () => {
      const { slug } = await api.model("fake-ok?tokens=2", { model: { max_output_tokens: 100 } });
      const reply = await api.chat({ model: slug, max_tokens: 5000 });
      const sent = api.fake.log.records.at(-1)?.body;
      expect(pick(sent, "max_tokens") ?? pick(sent, "max_completion_tokens")).toBe(100);
      expect(pick(reply.body, "data._meta.max_tokens")).toBe(100);
    });
  });

  describe("that cannot be accounted for", () => {
    test("for want of a price of its model is refused, and no upstream hears of it", async () => {
      const { slug } = await api.model("fake-ok?tokens=1", { plans: ["fake-ok?tokens=1"] });
      const before = api.fake.log.records.length;
      const body = { slug: "acme/unpriced", context_window: 1000 };
      const made = await api.gateway.api("POST", "/v1/models", { body });
      const backends = await api.gateway.api("GET", "/v1/backends");
      await api.gateway.api("POST", "/v1/routing-policies", {
        body: {
          model_id: pickText(made.body, "data.id"),
          targets: [{ backend_id: pickText(backends.body, "data.items.0.id") }],
        },
      });
      expect(codeOf(await api.chat({ model: "acme/unpriced" }))).toBe("MODEL_NOT_PRICED");
      expect(api.fake.log.records).toHaveLength(before);
      expect((await api.chat({ model: slug })).status).toBe(200);
    });

    test("for want of a cost of its backend is refused, unless the backend is free", async () => {
      const unpriced = await api.model("fake-ok?tokens=1", { backend: { costs: undefined } });
      expect(codeOf(await api.chat({ model: unpriced.slug }))).toBe("MODEL_NOT_PRICED");
      const free = await api.model("fake-ok?tokens=1", { backend: { costs: undefined, free: true } });
      expect((await api.chat({ model: free.slug })).status).toBe(200);
    });

    test("for want of a routing policy is refused with a time to ask again", async () => {
      const body = { slug: "acme/unrouted", context_window: 1000, free: true };
      await api.gateway.api("POST", "/v1/models", { body });
      const reply = await api.chat({ model: "acme/unrouted" });
      expect(codeOf(reply)).toBe("MODEL_UNAVAILABLE");
      expect(pick(reply.body, "error.retry_after")).toBeNumber();
    });
  });
});
