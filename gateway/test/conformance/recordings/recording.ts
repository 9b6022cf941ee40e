import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, type JsonObject } from "../../../src/base/json.ts";
import { sseBytes, sseEvent } from "../../../src/base/sse.ts";
import type { UpstreamDialect } from "../../../src/core/dialect.ts";
import type { Oracle } from "./oracle.ts";

/** Real answers of providers, beside the repository; no part of the product. */
export const FOLDER = join(import.meta.dir, "../../../../../shared/fixtures/providers");
export const HAS_RECORDINGS = existsSync(FOLDER);

/** A wire format that answers were recorded in. */
export interface RecordedFormat {
  readonly dialect: UpstreamDialect;
  /** Whether a whole body, or the first event of a stream, is of this format. */
  recognises(first: JsonObject): boolean;
  /** What the recorded bodies or events of one answer say. */
  read(json: readonly JsonObject[]): Oracle;
  /** What ends a stream after its last recorded event, where the format has such a mark. */
  readonly terminal?: string;
  /** Whether a stream of this format has no mark of its end beside its finish reason. */
  readonly endsWithBytes?: boolean;
  /** The name of an event, for formats whose events have one. */
  eventName?(event: JsonObject): string | undefined;
  /** Whether an event begins an answer: some files hold several, one after another. */
  begins?(event: JsonObject, before: JsonObject | undefined): boolean;
  /** Whether a recorded stream is a broken one, and so says nothing. */
  isBroken?(events: readonly JsonObject[]): boolean;
  /** The bytes of a stream, where it is not made of server-sent events. */
  frame?(events: readonly string[]): Uint8Array;
}

/** One recorded answer. */
export interface Recording {
  /** `vendor/file`, with the number of the answer where there are several. */
  readonly name: string;
  readonly format: RecordedFormat;
  readonly oracle: Oracle;
  /** The recorded body; or undefined for a stream. */
  readonly body: string | undefined;
  /** The recorded stream as bytes; or undefined for a whole answer. */
  readonly bytes: Uint8Array | undefined;
}

/** A file that no format took, or that says nothing of an answer. */
export interface Leftover {
  readonly name: string;
  readonly first: JsonObject | undefined;
}

/** Every file of the folder: as the recordings in it, or as left over. */
export function readRecordings(formats: readonly RecordedFormat[]): {
  readonly recordings: readonly Recording[];
  readonly leftovers: readonly Leftover[];
} {
  const recordings: Recording[] = [];
  const leftovers: Leftover[] = [];
  for (const vendor of readdirSync(FOLDER)) {
    for (const file of readdirSync(join(FOLDER, vendor))) {
      const name = join(vendor, file);
      const text = readFileSync(join(FOLDER, name), "utf8");
      const lines = file.endsWith(".json") ? [text] : linesOf(text);
      const first = objectOf(lines[0]);
      const format = first && formats.find((one) => one.recognises(first));
      if (format === undefined) leftovers.push({ name, first });
      else if (file.endsWith(".json")) recordings.push(wholeOf(name, text, format));
      else recordings.push(...streamsOf(name, lines, format));
    }
  }
  return { recordings, leftovers };
}

function wholeOf(name: string, text: string, format: RecordedFormat): Recording {
  return { name, format, oracle: format.read([parsed(text)]), body: text, bytes: undefined };
}

function streamsOf(name: string, lines: readonly string[], format: RecordedFormat): Recording[] {
  const answers: string[][] = [[]];
  let before: JsonObject | undefined;
  for (const line of lines) {
    const event = parsed(line);
    if (format.begins?.(event, before) === true && answers.at(-1)?.length !== 0) answers.push([]);
    answers.at(-1)?.push(line);
    before = event;
  }
  const whole = answers.filter((events) => format.isBroken?.(events.map(parsed)) !== true);
  return whole.map((events, i) => ({
    name: answers.length === 1 ? name : `${name} (answer ${i + 1})`,
    format,
    oracle: format.read(events.map(parsed)),
    body: undefined,
    bytes: bytesOf(events, format),
  }));
}

function bytesOf(events: readonly string[], format: RecordedFormat): Uint8Array {
  if (format.frame) return format.frame(events);
  const framed = events.map((data) => {
    const name = format.eventName?.(parsed(data));
    return (name === undefined ? "" : `event: ${name}\n`) + sseEvent(data);
  });
  return sseBytes(framed.join("") + (format.terminal === undefined ? "" : sseEvent(format.terminal)));
}

/** Events of a file, one to a line, whether or not their framing was left on. */
function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/^data: /, ""));
  return lines.filter((line) => line.trim() !== "" && line.trim() !== "[DONE]" && !line.startsWith("event:"));
}

function parsed(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new Error("a recorded event is a JSON object");
  return value;
}

function objectOf(text: string | undefined): JsonObject | undefined {
  try {
    return text === undefined ? undefined : parsed(text);
  } catch {
    return undefined;
  }
}
