import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SseDecoder, sseBytes, sseEvent } from "../../src/base/sse.ts";
import type { ChatEvent } from "../../src/core/chat.ts";
import { inputTokens, outputTokens } from "../../src/core/usage.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { openaiDoor } from "../../src/dialects/openai-door/openai-door.ts";
import { completionChunkSchema } from "../../src/dialects/openai-door/wire.ts";
import { scaigrid } from "../../src/dialects/scaigrid/scaigrid.ts";
import { UpstreamStream } from "../../src/inference/upstream-stream.ts";
import type { Told } from "./case-file.ts";
import { type Oracle, readRecording } from "./recorded-oracle.ts";
import { scriptedReply } from "./scripted-reply.ts";
import { CHUNKINGS, tellAnswer, tellStream } from "./told.ts";

const repository = join(import.meta.dir, "../../..");
const folder = join(repository, "../shared/fixtures/providers");
const vendors = [
  "alibaba",
  "deepseek",
  "groq",
  "mistral",
  "moonshotai",
  "openai-compatible",
  "perplexity",
  "xai",
];

function filesOf(ending: string): string[] {
  return vendors.flatMap((vendor) =>
    readdirSync(join(folder, vendor))
      .filter((file) => file.endsWith(ending))
      .map((file) => join(vendor, file)),
  );
}

/** The chunks of a recorded stream; undefined when it is of another format. */
function chunksOf(file: string): string[] | undefined {
  const text = readFileSync(join(folder, file), "utf8");
  const lines = text.split("\n").map((line) => line.replace(/^data: /, ""));
  const chunks = lines.filter((line) => line.trim() !== "" && line.trim() !== "[DONE]");
  return chunks[0]?.includes('"choices"') === true ? chunks : undefined;
}

function expectSame(told: Told, oracle: Oracle): void {
  const choice = told.choices[0];
  expect(told.choices).toHaveLength(1);
  expect(choice).toEqual({
    text: oracle.text,
    reasoning: oracle.reasoning,
    refusal: oracle.refusal,
    calls: oracle.calls.map((call) => ({ ...call })),
    finish: oracle.finish,
  });
  expect(told.usage === null).toBe(oracle.prompt === undefined);
  expect(told.skipped).toBe(0);
  expect(told.fault).toBeUndefined();
  if (told.usage === null) return;
  expect(inputTokens(told.usage)).toBe(oracle.prompt ?? -1);
  expect(outputTokens(told.usage)).toBe(oracle.answer ?? -1);
  expect(told.usage["input_cached_read"] ?? 0).toBe(oracle.cached);
  expect(told.usage["output_reasoning"] ?? 0).toBe(oracle.reasoned);
}

/** The recorded events framed for a caller of the native format, and read again. */
function throughNative(data: readonly string[]): Told {
  const decoder = openaiChat.streamDecoder();
  const encoder = scaigrid.streamEncoder({
    id: "chatcmpl-1",
    model: "acme/model",
    created: 1,
    includeUsage: false,
  });
  let usage = {};
  let text = "";
  for (const one of data) {
    for (const event of decoder.push(one, undefined) as ChatEvent[]) {
      if (event.type === "usage") usage = event.usage;
      text += encoder.event(event);
    }
  }
  text += encoder.final(usage, { request_id: "req_1", latency_ms: 1 });
  return tellStream(openaiChat, [sseBytes(text)]);
}

/** The recorded bytes passed on to a caller of OpenAI's format, and read again. */
async function throughOpenAi(bytes: Uint8Array): Promise<Told> {
  const kept = { choicesAsked: 1, keepsFrames: true };
  const source = new UpstreamStream(
    scriptedReply(bytes),
    openaiChat,
    { credentials: {}, simulated: false },
    kept,
  );
  const head = { id: "chatcmpl-1", model: "acme/model", created: 1, includeUsage: true };
  const encoder = openaiDoor.streamEncoder(head);
  let usage = {};
  let text = "";
  for (let events = await source.next(); events; events = await source.next()) {
    for (const event of events) {
      if (event.type === "usage") usage = event.usage;
      text += encoder.event(event);
    }
  }
  text += encoder.final(usage, { request_id: "req_1", latency_ms: 1 });
  for (const { data } of new SseDecoder().push(sseBytes(text))) {
    if (data !== "[DONE]") expect(completionChunkSchema.parse(JSON.parse(data)).model).toBe("acme/model");
  }
  return tellStream(openaiChat, [sseBytes(text)]);
}

if (!existsSync(folder)) {
  // Not a skipped test: the recordings are no part of the product, and their absence is no fault, in CI either.
  console.error("SKIP recorded provider answers: the folder with them is not beside the repository");
} else {
  test("the recordings are found", () => {
    expect(filesOf(".chunks.txt").filter((file) => chunksOf(file) !== undefined).length).toBeGreaterThan(9);
  });
  for (const file of [...filesOf(".chunks.txt"), ...filesOf(".sse")]) {
    const chunks = chunksOf(file);
    if (chunks === undefined) continue;
    const oracle = readRecording(chunks);
    const bytes = sseBytes([...chunks, "[DONE]"].map((data) => sseEvent(data)).join(""));
    for (const [how, cut] of Object.entries(CHUNKINGS)) {
      test(`${file}, decoded ${how}, says what was recorded`, () => {
        const told = tellStream(openaiChat, cut(bytes));
        expect(told.ended).toBe(true);
        expectSame(told, oracle);
      });
    }
    test(`${file} says the same to a caller of the native format`, () => {
      const told = throughNative(chunks);
      expect(told.choices).toEqual(tellStream(openaiChat, [bytes]).choices);
      expect(told.ended).toBe(true);
    });
    test(`${file} says the same to a caller of OpenAI's format, usage included`, async () => {
      const told = await throughOpenAi(bytes);
      expect({ ...told, id: null }).toEqual({ ...tellStream(openaiChat, [bytes]), id: null });
    });
  }
  for (const file of filesOf(".json")) {
    const body = readFileSync(join(folder, file), "utf8");
    const parsed = JSON.parse(body) as { object?: string };
    if (parsed.object !== "chat.completion") continue;
    test(`${file} says what was recorded`, () => {
      expectSame(tellAnswer(openaiChat.decodeAnswer(parsed)), readRecording([body]));
    });
  }
}
