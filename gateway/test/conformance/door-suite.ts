import { expect, test } from "bun:test";
import { isObject } from "../../src/base/json.ts";
import { SseDecoder, sseBytes, type SseEvent, sseEvent } from "../../src/base/sse.ts";
import type { ChatAnswer, ChatEvent } from "../../src/core/chat.ts";
import type {
  AnswerHead,
  AnswerMeta,
  DoorDialect,
  ErrorFace,
  UpstreamDialect,
} from "../../src/core/dialect.ts";
import { FaultError } from "../../src/core/fault.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { UpstreamStream } from "../../src/inference/upstream-stream.ts";
import { type DoorCase, doorCaseSchema, readCases } from "./case-file.ts";
import { scriptedReply } from "./scripted-reply.ts";
import { CHUNKINGS } from "./told.ts";

const HEAD: AnswerHead = {
  id: "chatcmpl-1",
  model: "acme/model",
  created: 1_770_000_000,
  includeUsage: true,
};
/** Of the upstream: no caller may see it. */
const CREDENTIAL = "upstream-credential";
export const META: AnswerMeta = { request_id: "req_1", latency_ms: 12 };

/** How a door's stream looks; each format says where its parts are. */
export interface DoorLook {
  /** Checks a chunk against the format's own schema, and returns what stands for `choices[0]`. */
  chunk(json: unknown): unknown;
  /** Splits the events into chunks and what ends the stream; where absent, the last chunk itself does. */
  readonly terminal?: string;
  /** An error is the last event: no terminal mark follows it. */
  readonly endsWithError?: boolean;
  /** Events have names. */
  readonly isNamed?: boolean;
  /** The upstream format whose answers are passed on; OpenAI's chat completions where absent. */
  readonly upstream?: UpstreamDialect;
  /** Checks the chunk that tells the usage, the last one of a stream that ended well. */
  final(json: Readonly<Record<string, unknown>>): void;
  /** Checks the event that ends a stream with an error of this code. */
  error(event: SseEvent, code: unknown): void;
  /** Checks a whole answer against the format's schema. */
  answer(json: unknown): unknown;
}

type CaseOf<Kind extends DoorCase["kind"]> = Extract<DoorCase, { kind: Kind }>;

/** Runs every case of a door's format; what it returns goes into the table of concerns. */
export function doorSuite(dialect: DoorDialect, look: DoorLook): readonly DoorCase[] {
  const cases = readCases(dialect.name, doorCaseSchema);
  for (const one of cases) {
    test(`${dialect.name}, ${one.concern} (${one.origin}): ${one.name}`, () => {
      switch (one.kind) {
        case "parse":
          return runParse(dialect, one);
        case "encode":
          return runEncode(dialect, look, one);
        case "answer":
          return runAnswer(dialect, look, one);
        case "pass":
          return runPass(dialect, look, one);
        case "pass_answer":
          return runPassAnswer(dialect, look, one);
      }
    });
  }
  return cases;
}

function runParse(dialect: DoorDialect, one: CaseOf<"parse">): void {
  const read = dialect.parse(structuredClone(one.body));
  expect((read.issues ?? []).map((issue) => issue.field)).toEqual(one.issues ?? []);
  if (read.issues !== undefined) return;
  // What its caller wrote is kept beside under a name that is no string.
  const request: unknown = Object.fromEntries(Object.entries(read.request));
  expect(request).toEqual(one.request ?? one.body);
}

function runEncode(dialect: DoorDialect, look: DoorLook, one: CaseOf<"encode">): void {
  const encoder = dialect.streamEncoder(HEAD);
  let text = one.events.map((event) => encoder.event(event as unknown as ChatEvent)).join("");
  text += one.error ? encoder.error(one.error as unknown as ErrorFace) : encoder.final(one.usage, META);
  // Whatever comes after the end changes nothing.
  text += encoder.event({ type: "text", index: 0, text: "late" }) + encoder.final({}, META);
  text += encoder.error({ code: "LATE", message: "late" });
  for (const cut of Object.values(CHUNKINGS)) {
    const decoder = new SseDecoder();
    const events: SseEvent[] = [...cut(sseBytes(text))].flatMap((chunk) => [...decoder.push(chunk)]);
    expect(decoder.flush()).toEqual([]);
    expectStream(look, one, events);
  }
}

function expectStream(look: DoorLook, one: CaseOf<"encode">, events: SseEvent[]): void {
  const hasMark = look.terminal !== undefined && (one.error === undefined || look.endsWithError !== true);
  expect(events.filter((event) => event.data === look.terminal)).toHaveLength(hasMark ? 1 : 0);
  if (hasMark) expect(events.at(-1)?.data).toBe(look.terminal);
  const tail = hasMark ? 2 : 1;
  const last = events.at(-tail);
  const chunks = events.slice(0, -tail);
  expect(chunks.every((event) => (event.event !== undefined) === (look.isNamed === true))).toBe(true);
  expect(chunks.map((event) => look.chunk(JSON.parse(event.data)))).toEqual(one.chunks);
  if (last === undefined) throw new Error("the stream has no end");
  if (one.error !== undefined) return look.error(last, one.error["code"]);
  const end = JSON.parse(last.data) as Record<string, unknown>;
  look.final(end);
  const whole = isObject(end["response"]) ? end["response"] : end;
  if (one.wire_usage !== undefined) expect(whole["usage"]).toEqual(one.wire_usage);
}

/** The upstream's events as bytes. */
function bytesOf(events: CaseOf<"pass">["events"]): Uint8Array {
  const framed = events.map((data) => sseEvent(typeof data === "string" ? data : JSON.stringify(data)));
  return sseBytes(framed.join(""));
}

async function runPass(dialect: DoorDialect, look: DoorLook, one: CaseOf<"pass">): Promise<void> {
  const choicesAsked = 8;
  const teller = { credentials: { apiKey: CREDENTIAL }, simulated: false };
  const source = new UpstreamStream(scriptedReply(bytesOf(one.events)), look.upstream ?? openaiChat, teller, {
    choicesAsked,
    keepsFrames: true,
  });
  const encoder = dialect.streamEncoder({ ...HEAD, includeUsage: one.include_usage });
  let text = "";
  let hasFailed = false;
  try {
    for (let events = await source.next(); events; events = await source.next()) {
      text += events.map((event) => encoder.event(event)).join("");
    }
    text += encoder.final(one.usage, META);
  } catch (error) {
    if (!(error instanceof FaultError)) throw error;
    hasFailed = true;
  }
  const sent = [...new SseDecoder().push(sseBytes(text))];
  const chunks = sent
    .filter(({ data }) => data !== look.terminal)
    .map(({ data }): unknown => JSON.parse(data));
  expect(chunks).toEqual(one.chunks);
  expect(hasFailed).toBe(one.fails);
  expect(sent.filter(({ data }) => data === look.terminal)).toHaveLength(
    one.fails || look.terminal === undefined ? 0 : 1,
  );
  for (const chunk of chunks) look.chunk(chunk);
}

function runPassAnswer(dialect: DoorDialect, look: DoorLook, one: CaseOf<"pass_answer">): void {
  const answer = (look.upstream ?? openaiChat).decodeAnswer(one.body);
  const raw = { text: JSON.stringify(one.body), body: one.body };
  const passed = dialect.passAnswer?.(raw, answer, one.usage, HEAD);
  const told = JSON.stringify(dialect.encodeAnswer(answer, one.usage, HEAD, META));
  const sent: unknown = JSON.parse(passed ?? told);
  look.answer(sent);
  expect(sent).toEqual(one.sends);
}

function runAnswer(dialect: DoorDialect, look: DoorLook, one: CaseOf<"answer">): void {
  const body = dialect.encodeAnswer(one.answer as unknown as ChatAnswer, one.usage, HEAD, META);
  const sent = JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
  look.answer(sent);
  const seen = Object.keys(one.body).map((field) => [field, sent[field]]);
  expect(Object.fromEntries(seen)).toEqual(one.body);
}
