import { describe, expect, test } from "bun:test";
import { sseBytes, sseEvent } from "../../src/base/sse.ts";
import type { ChatEvent } from "../../src/core/chat.ts";
import type { AnswerHead, DoorDialect, UpstreamDialect } from "../../src/core/dialect.ts";
import { anthropicDoor } from "../../src/dialects/anthropic-door/anthropic-door.ts";
import { gemini } from "../../src/dialects/gemini/gemini.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { openaiDoor } from "../../src/dialects/openai-door/openai-door.ts";
import { openaiResponsesDoor } from "../../src/dialects/openai-responses-door/openai-responses-door.ts";
import { scaigrid } from "../../src/dialects/scaigrid/scaigrid.ts";
import { UpstreamStream } from "../../src/inference/upstream-stream.ts";
import { scriptedReply } from "../conformance/scripted-reply.ts";

const DOORS = [scaigrid, openaiDoor, openaiResponsesDoor, anthropicDoor];
const HEAD: AnswerHead = {
  id: "chatcmpl-1",
  model: "acme/model",
  created: 1_770_000_000,
  includeUsage: true,
};
const META = { request_id: "req_1", latency_ms: 1 };

/** Anthropic's own, as its SDK reads it: the door's other callers take whatever a provider writes. */
const CITATION = {
  type: "char_location",
  cited_text: "cited-in-the-end",
  document_index: 0,
  document_title: null,
  start_char_index: 0,
  end_char_index: 5,
};

async function eventsOf(
  dialect: UpstreamDialect,
  chunks: readonly object[],
  keepsFrames = false,
): Promise<ChatEvent[]> {
  const bytes = sseBytes(chunks.map((chunk) => sseEvent(JSON.stringify(chunk))).join(""));
  const teller = { credentials: {}, simulated: false };
  const stream = new UpstreamStream(scriptedReply(bytes), dialect, teller, {
    choicesAsked: 1,
    keepsFrames,
  });
  const all: ChatEvent[] = [];
  for (let events = await stream.next(); events; events = await stream.next()) all.push(...events);
  return all;
}

function told(door: DoorDialect, events: readonly ChatEvent[], head = HEAD): string {
  const encoder = door.streamEncoder(head);
  const text = events.map((event) => encoder.event(event)).join("");
  return text + encoder.final({ input: 3, output: 1 }, META);
}

/** As Perplexity and others do: what was cited stands beside the usage. */
const CITED_LAST = [
  { id: "up", choices: [choice({ content: "Said." })] },
  { id: "up", choices: [choice({}, "stop")] },
  { id: "up", choices: [], citations: [CITATION], usage: { prompt_tokens: 3, completion_tokens: 1 } },
];

function choice(delta: object, finish_reason: string | null = null) {
  return { index: 0, delta, finish_reason };
}

describe("what an upstream says behind the reason for the end", () => {
  test.each(DOORS.map((door) => [door.name, door] as const))(
    "is told at the door of %s all the same, once",
    async (_name, door) => {
      const text = told(door, await eventsOf(openaiChat, CITED_LAST));
      expect(text.split("cited-in-the-end")).toHaveLength(2);
      // No chunk may come behind the one that ends the stream.
      expect(text.lastIndexOf("cited-in-the-end")).toBeLessThan(text.lastIndexOf("usage"));
    },
  );

  test.each([true, false])("is handed on once, with the usage told: %p", async (includeUsage) => {
    const events = await eventsOf(openaiChat, CITED_LAST, true);
    const text = told(openaiDoor, events, { ...HEAD, includeUsage });
    expect(text.split("cited-in-the-end")).toHaveLength(2);
  });

  test("stands with the text it belongs to where the Responses API has a place for it", async () => {
    const annotation = { type: "url_citation", url_citation: { url: "https://a.example/", title: "A" } };
    const events = await eventsOf(openaiChat, [
      { id: "up", choices: [choice({ content: "Said." }, "stop")] },
      { id: "up", choices: [choice({ annotations: [annotation] })] },
    ]);
    const [, last = ""] = told(openaiResponsesDoor, events).split("event: response.completed\ndata: ");
    expect(JSON.parse(last)).toMatchObject({
      response: {
        output: [
          {
            content: [
              {
                text: "Said.",
                annotations: [{ type: "url_citation", url: "https://a.example/", title: "A" }],
              },
            ],
          },
        ],
      },
    });
  });

  test("leaves the answer whole where it is a signature", async () => {
    const chunks = [
      { candidates: [{ content: { parts: [{ text: "Said." }] }, finishReason: "STOP" }] },
      { candidates: [{ content: { parts: [{ text: "", thoughtSignature: "c2lnbmVk" }] } }] },
    ];
    const events = await eventsOf(gemini, chunks);
    for (const door of [scaigrid, openaiDoor]) expect(told(door, events)).toContain("c2lnbmVk");
  });
});
