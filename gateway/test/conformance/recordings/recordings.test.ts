import { describe, expect, test } from "bun:test";
import { inputTokens, outputTokens } from "../../../src/core/usage.ts";
import type { Told } from "../case-file.ts";
import { CHUNKINGS, tellAnswer, tellStream } from "../told.ts";
import type { DoorReader } from "./doors/door.ts";
import { DOORS } from "./doors/doors.ts";
import { FORMATS } from "./formats/formats.ts";
import { isNoAnswer } from "./no-answers.ts";
import type { Oracle } from "./oracle.ts";
import { HAS_RECORDINGS, readRecordings, type Recording } from "./recording.ts";
import { streamThrough, wholeThrough } from "./through-door.ts";

function expectSame(told: Told, oracle: Oracle, ended = true): void {
  const { text, reasoning, refusal, calls, finish, opaque = [], extra = {} } = oracle;
  expect(told.fault?.class).toBe(oracle.fault);
  if (oracle.fault !== undefined) return;
  const said = told.choices.map(({ detail: _detail, ...choice }) => choice);
  expect<readonly object[]>(said).toEqual([{ text, reasoning, refusal, calls, finish, opaque, extra }]);
  expect(told.skipped).toBe(0);
  expect(told.ended).toBe(ended);
  expect(told.usage === null).toBe(oracle.prompt === undefined);
  if (told.usage === null) return;
  expect(inputTokens(told.usage)).toBe(oracle.prompt ?? -1);
  expect(outputTokens(told.usage)).toBe(oracle.answer ?? -1);
  expect(told.usage["input_cached_read"] ?? 0).toBe(oracle.cached);
  expect(told.usage["output_reasoning"] ?? 0).toBe(oracle.reasoned);
}

/** A caller is told a usage in any case: where none was recorded it is an estimate, which is not looked at here. */
function withoutUsage<Said extends Oracle>(said: Said, { prompt }: Oracle): Partial<Said> {
  if (prompt !== undefined) return said;
  return { ...said, prompt: undefined, answer: undefined, cached: undefined, reasoned: undefined };
}

function checkDecoding({ name, format, oracle, body, bytes }: Recording): void {
  if (body !== undefined) {
    test(`${name} says what was recorded`, () => {
      expectSame(tellAnswer(format.dialect.decodeAnswer(JSON.parse(body))), oracle);
    });
  }
  if (bytes === undefined) return;
  for (const [how, cut] of Object.entries(CHUNKINGS)) {
    test(`${name}, decoded ${how}, says what was recorded`, () => {
      expectSame(tellStream(format.dialect, cut(bytes)), oracle, format.endsWithBytes !== true);
    });
  }
}

function checkDoor({ door, ...reader }: DoorReader, { name, format, oracle, body, bytes }: Recording): void {
  if (oracle.fault !== undefined) return;
  test(`${name} says the same to a caller of ${door.name}`, async () => {
    const heard =
      body === undefined
        ? await reader.stream(await streamThrough(door, format.dialect, bytes ?? new Uint8Array()))
        : await reader.whole(wholeThrough(door, format.dialect, body));
    const expected = { opaque: [], extra: {}, ...(reader.expects?.(oracle) ?? oracle) };
    expect<Partial<Oracle>>(withoutUsage(heard, expected)).toEqual(withoutUsage(expected, expected));
  });
}

if (!HAS_RECORDINGS) {
  // Not a skipped test: the recordings are no part of the product, and their absence is no fault, in CI either.
  console.error("SKIP recorded provider answers: the folder with them is not beside the repository");
} else {
  const { recordings, leftovers } = readRecordings(FORMATS);
  test("every recorded answer is of a known format", () => {
    expect(leftovers.filter((leftover) => !isNoAnswer(leftover)).map(({ name }) => name)).toEqual([]);
  });
  test.each(FORMATS.map((format) => [format.dialect.name, format] as const))(
    "there are recordings of %s, whole and streamed",
    (_name, format) => {
      const own = recordings.filter((recording) => recording.format === format);
      expect(own.filter(({ body }) => body !== undefined).length).toBeGreaterThan(2);
      expect(own.filter(({ bytes }) => bytes !== undefined).length).toBeGreaterThan(2);
    },
  );
  describe("recorded answers", () => recordings.forEach(checkDecoding));
  for (const reader of DOORS) {
    describe(`recorded answers to callers of ${reader.door.name}`, () => {
      for (const recording of recordings) checkDoor(reader, recording);
    });
  }
}
