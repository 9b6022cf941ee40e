import { describe, expect, test } from "bun:test";
import { valueFor } from "../../src/upstream/sandbox/schema-value.ts";
import { titleFor } from "../../src/upstream/sandbox/title.ts";
import {
  answerTo,
  chatCall,
  contentOf,
  eventsOf,
  sandboxOf,
  streamedText,
  textOf,
} from "./sandbox-support.ts";

const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string" },
        unit: { type: "string", enum: ["celsius", "fahrenheit"] },
        days: { type: "integer", minimum: 3 },
        note: { type: "string" },
      },
      required: ["city", "unit", "days"],
    },
  },
};
const TIME = { type: "function", function: { name: "get_time" } };

/** Vowel groups, with the silent e of English: good enough for the words in our haiku. */
function syllables(line: string): number {
  return line
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "")
    .map((word) => Math.max(1, (word.replace(/(?<=[^aeiou])e(?=s?$)/, "").match(/[aeiouy]+/g) ?? []).length))
    .reduce((sum, count) => sum + count, 0);
}

describe("what the sandbox says", () => {
  test("a haiku has five, seven and five syllables", async () => {
    const lines = (await contentOf("Write a haiku about distributed systems.")).split("\n");
    expect(lines.map(syllables)).toEqual([5, 7, 5]);
  });

  test("the title of the first integration", async () => {
    const messages = [
      {
        role: "system",
        content: "You generate conversation titles. Reply with ONLY the title, max 6 words.",
      },
      { role: "user", content: "Hey, what's a good recipe for carbonara?" },
    ];
    expect(await contentOf({ messages, max_tokens: 20, temperature: 0.3 })).toBe(
      "Classic Carbonara Recipe Request",
    );
  });

  test.each([
    ["How do I reset my password?", "How To Reset My Password"],
    ["My invoice from March is wrong, can you help?", "Invoice March Wrong Help"],
    ["hi", "Hi"],
    ["???", "New Conversation"],
    ["", "New Conversation"],
    ["Ölpreise über den Sommer und danach noch weiter so", "Ölpreise Über Den Sommer Und Danach"],
  ])("a title for %p is sensible and has at most six words", (said, title) => {
    expect(titleFor(said)).toBe(title);
    expect(titleFor(said).split(" ").length).toBeLessThanOrEqual(6);
  });

  test("a long story is long, and always the same", async () => {
    const story = await contentOf("Tell me a long story.");
    expect(story.split(/\s+/).length).toBeGreaterThan(300);
    expect(await contentOf("Tell me a long story.")).toBe(story);
  });

  test("anything else is echoed with a word about the sandbox and real providers", async () => {
    const content = await contentOf("Good morning");
    expect(content).toContain("Good morning");
    expect(content).toContain("sandbox");
    expect(content).toContain("add a provider");
  });

  test("images, audio and files are acknowledged and counted", async () => {
    const parts = [
      { type: "text", text: "Look" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(4_000)}` } },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
      { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
      { type: "file", file: { file_id: "f" } },
    ];
    const answer = await answerTo({ messages: [{ role: "user", content: parts }] });
    expect(answer.choices[0]?.message.content).toContain("2 images and 1 audio clip and 1 file");
    const plain = await answerTo({ messages: [{ role: "user", content: parts.slice(0, 1) }] });
    expect(answer.usage.prompt_tokens - plain.usage.prompt_tokens).toBe(85 + 7 + 1 + 4);
  });
});

describe("tokens and limits", () => {
  test("usage is a quarter of the bytes, rounded up, and four per message", async () => {
    const answer = await answerTo({
      messages: [
        { role: "system", content: "abcde" },
        { role: "user", content: "Write a häiku" },
      ],
    });
    const content = answer.choices[0]?.message.content ?? "";
    expect(answer.usage.prompt_tokens).toBe(2 + 4 + 4 + 4);
    expect(answer.usage.completion_tokens).toBe(Math.ceil(Buffer.byteLength(content) / 4));
    expect(answer.usage.total_tokens).toBe(answer.usage.prompt_tokens + answer.usage.completion_tokens);
  });

  test.each(["max_tokens", "max_completion_tokens"])(
    "%s cuts the answer, which then ends with length",
    async (name) => {
      const answer = await answerTo({
        messages: [{ role: "user", content: "Tell me a long story." }],
        [name]: 10,
      });
      expect(answer.usage.completion_tokens).toBe(10);
      expect(answer.choices[0]?.finish_reason).toBe("length");
    },
  );

  test("a limit never cuts a character in two", async () => {
    const messages = [{ role: "user", content: "ééééééééééééé" }];
    for (let max = 1; max < 10; max++)
      expect(await contentOf({ messages, max_tokens: max })).not.toContain("\uFFFD");
  });

  test("stop sequences end the answer before themselves, with stop", async () => {
    const messages = [{ role: "user", content: "haiku" }];
    const answer = await answerTo({ messages, stop: ["truth", "nodes"] });
    expect(answer.choices[0]?.message.content).toBe("Clocks drift out of step;\n");
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    expect(await contentOf({ messages, stop: "\n" })).toBe("Clocks drift out of step;");
  });

  test("n choices are n choices, all of them counted", async () => {
    const one = await answerTo("haiku");
    const three = await answerTo({ messages: [{ role: "user", content: "haiku" }], n: 3 });
    expect(three.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(three.usage.completion_tokens).toBe(3 * one.usage.completion_tokens);
  });

  test("a prompt beyond the context window is refused the way OpenAI refuses it", async () => {
    const { sandbox } = sandboxOf();
    const reply = await sandbox.send(chatCall("x".repeat(1_024_001)));
    const body: unknown = JSON.parse(await textOf(reply));
    expect(reply.status).toBe(400);
    expect(reply.simulated).toBe(false);
    expect(body).toMatchObject({
      error: { code: "context_length_exceeded", message: expect.stringContaining("256000 tokens") },
    });
  });
});

describe("tools", () => {
  const ask = (content: string, rest: object = {}) =>
    answerTo({ messages: [{ role: "user", content }], tools: [WEATHER, TIME], ...rest });

  test("a tool is called when the user names it, with arguments its schema requires", async () => {
    for (const said of ["Please call get_weather", "use the get weather tool"]) {
      const [choice] = (await ask(said)).choices;
      expect(choice?.finish_reason).toBe("tool_calls");
      const [call] = choice?.message.tool_calls ?? [];
      expect(call?.function.name).toBe("get_weather");
      expect(JSON.parse(call?.function.arguments ?? "")).toEqual({
        city: "sample city",
        unit: "celsius",
        days: 3,
      });
    }
  });

  test("tool_choice decides: none, required, one by name", async () => {
    expect((await ask("get_weather", { tool_choice: "none" })).choices[0]?.finish_reason).toBe("stop");
    expect((await ask("hello")).choices[0]?.finish_reason).toBe("stop");
    const required = await ask("hello", { tool_choice: "required" });
    expect(required.choices[0]?.message.tool_calls?.[0]?.function.name).toBe("get_weather");
    const named = await ask("hello", { tool_choice: { type: "function", function: { name: "get_time" } } });
    expect(named.choices[0]?.message.tool_calls?.[0]?.function).toEqual({
      name: "get_time",
      arguments: "{}",
    });
  });

  test("several named tools are called in parallel, with ids of their own, unless that is switched off", async () => {
    const both = await ask("get_weather and get_time");
    const calls = both.choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => call.function.name)).toEqual(["get_weather", "get_time"]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    const single = await ask("get_weather and get_time", { parallel_tool_calls: false });
    expect(single.choices[0]?.message.tool_calls?.length).toBe(1);
  });

  test("after a tool has answered, its content becomes the answer", async () => {
    const messages = [
      { role: "user", content: "get_weather" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c", type: "function", function: { name: "get_weather", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "c", content: "12 °C and rain" },
    ];
    expect(await contentOf({ messages, tools: [WEATHER] })).toContain("12 °C and rain");
  });

  test("streamed arguments come in pieces; id and name only in the first", async () => {
    const { sandbox } = sandboxOf();
    const chat = { messages: [{ role: "user", content: "get_weather" }], tools: [WEATHER], stream: true };
    const { chunks, done } = await eventsOf(await sandbox.send(chatCall(chat)));
    const pieces = chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta.tool_calls ?? []));
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.filter(({ id }) => id !== undefined).length).toBe(1);
    const joined = pieces.map((piece) => piece.function.arguments).join("");
    expect(JSON.parse(joined)).toMatchObject({ unit: "celsius" });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
    expect(done).toBe(true);
  });
});

describe("response formats", () => {
  test("json_object gives an object", async () => {
    const messages = [{ role: "user", content: "haiku" }];
    const content = await contentOf({ messages, response_format: { type: "json_object" } });
    expect(JSON.parse(content)).toEqual({ answer: expect.stringContaining("nodes agree") });
  });

  test("json_schema gives a value of the schema", async () => {
    const schema = {
      type: "object",
      properties: {
        name: { type: "string", minLength: 20 },
        kind: { const: "person" },
        age: { type: "integer", minimum: 18, maximum: 20 },
        tags: { type: "array", items: { type: "string", maxLength: 3 }, minItems: 2 },
        home: { $ref: "#/$defs/place" },
        score: { type: ["number", "null"], exclusiveMaximum: 1 },
        born: { type: "string", format: "date" },
        pet: {
          anyOf: [
            { type: "object", properties: { legs: { enum: [4] } }, required: ["legs"] },
            { type: "null" },
          ],
        },
      },
      required: ["name", "kind", "age", "tags", "home", "score", "born", "pet"],
      $defs: { place: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } },
    };
    const messages = [{ role: "user", content: "go" }];
    const format = { type: "json_schema", json_schema: { name: "x", schema, strict: true } };
    expect(JSON.parse(await contentOf({ messages, response_format: format }))).toEqual({
      name: "sample name.........",
      kind: "person",
      age: 18,
      tags: ["sam", "sam"],
      home: { city: "sample city" },
      score: 0.5,
      born: "2026-01-01",
      pet: { legs: 4 },
    });
  });

  test("recursive, hostile and odd schemas end with a value", () => {
    const tree = {
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          properties: { children: { type: "array", items: { $ref: "#/$defs/node" } } },
          required: ["children"],
        },
      },
    };
    expect(JSON.stringify(valueFor(tree))).toContain('{"children":[]}');
    const wide = { type: "array", minItems: 100, items: { $ref: "#" } };
    const twice = { allOf: [{ $ref: "#" }, { $ref: "#" }] };
    for (const schema of [wide, twice, { $ref: "#" }, { $ref: "#/nowhere" }, true, null, { type: "null" }]) {
      expect(JSON.stringify(valueFor(schema)).length).toBeLessThan(100_000);
    }
  });
});

describe("streams", () => {
  test("word by word, in order, whole, with a finish reason and [DONE]", async () => {
    const { sandbox, gate } = sandboxOf();
    const reply = await sandbox.send(
      chatCall({ messages: [{ role: "user", content: "haiku" }], stream: true }),
    );
    expect(reply.headers["content-type"]).toStartWith("text/event-stream");
    const { chunks, done } = await eventsOf(reply);
    expect(streamedText(chunks)).toBe(await contentOf("haiku"));
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(chunks.every(({ usage }) => usage === undefined)).toBe(true);
    expect(done).toBe(true);
    expect(gate.all().size).toBe(0);
  });

  test("usage comes in a last event where it is asked for, the same as of a whole answer", async () => {
    const messages = [{ role: "user", content: "haiku" }];
    const { sandbox } = sandboxOf();
    const chat = { messages, n: 2, stream: true, stream_options: { include_usage: true } };
    const { chunks } = await eventsOf(await sandbox.send(chatCall(chat)));
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage).toEqual((await answerTo({ messages, n: 2 })).usage);
    expect(streamedText(chunks, 1)).toBe(streamedText(chunks, 0));
  });

  test("the pace is kept, and closing stops it at once", async () => {
    const { sandbox, gate } = sandboxOf({ tokenMs: 20 });
    const reply = await sandbox.send(
      chatCall({ messages: [{ role: "user", content: "haiku" }], stream: true }),
    );
    const from = performance.now();
    await reply.read();
    await reply.read();
    await reply.read();
    expect(performance.now() - from).toBeGreaterThanOrEqual(38);
    const pending = reply.read().catch((error: unknown) => error);
    reply.close();
    expect(await pending).toBeInstanceOf(DOMException);
    expect(gate.all().size).toBe(0);
  });
});

describe("other calls", () => {
  test("the list of models names the sandbox", async () => {
    const call = chatCall("", { method: "GET", path: "/models" });
    const body: unknown = JSON.parse(await textOf(await sandboxOf().sandbox.send(call)));
    expect(body).toMatchObject({ data: [{ id: "poolnoodle-omni", owned_by: "sandbox" }] });
  });

  test.each([
    { path: "/embeddings", body: "{}" },
    { path: "/chat/completions", body: "{" },
    { path: "/chat/completions", body: '{"messages":1}' },
  ])("%p is a 400 in OpenAI's form", async (options) => {
    const reply = await sandboxOf().sandbox.send(chatCall("", options));
    expect(reply.status).toBe(400);
    expect(JSON.parse(await textOf(reply))).toHaveProperty("error.message");
  });
});
