import { describe, expect, test } from "bun:test";
import { curlOf, pythonOf, typescriptOf } from "../../src/features/playground/code.ts";
import { chatBody } from "../../src/features/playground/run.ts";
import { eventsOf } from "../../src/lib/sse.ts";

async function read(...chunks: readonly string[]): Promise<unknown[]> {
  const bytes = chunks.map((chunk) => new TextEncoder().encode(chunk));
  const events: unknown[] = [];
  for await (const { name, data } of eventsOf(new Response(new Blob(bytes)).body ?? new ReadableStream())) {
    events.push([name, data]);
  }
  return events;
}

describe("a stream", () => {
  test("is read event by event, without its comments", async () => {
    const text = `: keep-alive\n\ndata: {"a":1}\n\nevent: error\ndata: {"code":"X"}\n\ndata: [DONE]\n\n`;
    const events = [
      ["message", '{"a":1}'],
      ["error", '{"code":"X"}'],
      ["message", "[DONE]"],
    ];
    expect(await read(text)).toEqual(events);
    expect(await read(...text.split(""))).toEqual(events);
    expect(await read("data: one\r\ndata: two\r\n\r\n")).toEqual([["message", "one\ntwo"]]);
  });

  test("that breaks off within an event does not tell of it", async () => {
    expect(await read("data: whole\n\ndata: half")).toEqual([["message", "whole"]]);
  });
});

describe("the code of a call", () => {
  const body = chatBody({
    model: "a/b",
    system: "",
    message: `It's "quoted"\n`,
    maxTokens: "5",
    temperature: "0",
  });
  const parts = { baseUrl: "http://localhost:8000", body };

  test("leaves out what was left empty", () => {
    expect(body).toEqual({
      model: "a/b",
      messages: [{ role: "user", content: `It's "quoted"\n` }],
      stream: true,
      max_tokens: 5,
      temperature: 0,
    });
  });

  test("holds the very body, quoted for its language, and no key", () => {
    const [, json = ""] = /-d '([^]*)'$/.exec(curlOf(parts)) ?? [];
    expect(JSON.parse(json.replaceAll(`'\\''`, "'"))).toEqual(body);
    const [, literal = ""] = /JSON\.stringify\((\{[^]*?\n {2}\})\),/.exec(typescriptOf(parts)) ?? [];
    expect(JSON.parse(literal)).toMatchObject({ messages: body.messages, max_tokens: 5 });
    expect(pythonOf(parts)).toContain(`"content": "It's \\"quoted\\"\\n",`);
    expect(pythonOf(parts)).not.toContain('"stream"');
    for (const code of [curlOf(parts), typescriptOf(parts), pythonOf(parts)]) {
      expect(code).toContain("SCAIGRID_API_KEY");
    }
  });
});
