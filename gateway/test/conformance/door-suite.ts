import { expect, test } from "bun:test";
import { SseDecoder, sseBytes, type SseEvent } from "../../src/base/sse.ts";
import type { ChatAnswer, ChatEvent } from "../../src/core/chat.ts";
import type { AnswerHead, AnswerMeta, DoorDialect, ErrorFace } from "../../src/core/dialect.ts";
import { type DoorCase, doorCaseSchema, readCases } from "./case-file.ts";
import { CHUNKINGS } from "./told.ts";

const HEAD: AnswerHead = {
  id: "chatcmpl-1",
  model: "acme/model",
  created: 1_770_000_000,
  includeUsage: false,
};
const META: AnswerMeta = { request_id: "req_1", latency_ms: 12 };

/** How a door's stream looks; each format says where its parts are. */
export interface DoorLook {
  /** Checks a chunk against the format's own schema, and returns what stands for `choices[0]`. */
  chunk(json: unknown): unknown;
  /** Splits the events into chunks and what ends the stream. */
  readonly terminal: string;
  /** Checks a whole answer against the format's schema. */
  answer(json: unknown): unknown;
}

type CaseOf<Kind extends DoorCase["kind"]> = Extract<DoorCase, { kind: Kind }>;

/** Runs every case of a door's format; what it returns goes into the table of concerns. */
export function doorSuite(dialect: DoorDialect, look: DoorLook): readonly DoorCase[] {
  const cases = readCases(dialect.name, doorCaseSchema);
  for (const one of cases) {
    test(`${dialect.name}, ${one.concern} (${one.origin}): ${one.name}`, () => {
      if (one.kind === "parse") runParse(dialect, one);
      else if (one.kind === "encode") runEncode(dialect, look, one);
      else runAnswer(dialect, look, one);
    });
  }
  return cases;
}

function runParse(dialect: DoorDialect, one: CaseOf<"parse">): void {
  const read = dialect.parse(structuredClone(one.body));
  expect((read.issues ?? []).map((issue) => issue.field)).toEqual(one.issues ?? []);
  if (read.issues !== undefined) return;
  const request: unknown = read.request;
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
  expect(events.filter((event) => event.data === look.terminal)).toHaveLength(1);
  expect(events.at(-1)?.data).toBe(look.terminal);
  const last = events.at(-2);
  const chunks = events.slice(0, -2);
  expect(chunks.every((event) => event.event === undefined)).toBe(true);
  expect(chunks.map((event) => look.chunk(JSON.parse(event.data)))).toEqual(one.chunks);
  const end = JSON.parse(last?.data ?? "null") as Record<string, unknown>;
  if (one.error === undefined) {
    look.chunk(end);
    if (one.wire_usage !== undefined) expect(end["usage"]).toEqual(one.wire_usage);
    expect(end["_meta"]).toEqual(META);
  } else {
    expect(last?.event).toBe("error");
    expect(end["code"]).toBe(one.error["code"]);
    expect(end["choices"]).toBeUndefined();
  }
}

function runAnswer(dialect: DoorDialect, look: DoorLook, one: CaseOf<"answer">): void {
  const body = dialect.encodeAnswer(one.answer as unknown as ChatAnswer, one.usage, HEAD, META);
  const sent = JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
  look.answer(sent);
  const seen = Object.keys(one.body).map((field) => [field, sent[field]]);
  expect(Object.fromEntries(seen)).toEqual(one.body);
}
