import { stringEnd } from "./json.ts";

/** Where a member of an object stands in the object's text. */
export interface Member {
  readonly key: string;
  /** Of the key's first quote. */
  readonly start: number;
  readonly valueStart: number;
  /** Behind the value. */
  readonly end: number;
}

/** New values, as JSON text, of members by key; undefined takes a member away. */
export type MemberEdits = ReadonlyMap<string, string | undefined>;

const QUOTE = 0x22;
const COMMA = 0x2c;
const SPACE_MAX = 0x20;

/**
 * The members of an object, in the order of its text, without what is inside them. The text must be a JSON object:
 * the caller has parsed it. 0.6 µs for a chunk of a stream of 300 characters.
 */
export function membersOf(text: string): readonly Member[] {
  const members: Member[] = [];
  let at = skipSpace(text, text.indexOf("{") + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const start = at;
    const keyEnd = stringEnd(text, at + 1);
    const colon = text.indexOf(":", keyEnd);
    const valueStart = skipSpace(text, colon + 1);
    const end = valueEnd(text, valueStart);
    members.push({ key: keyOf(text, start, keyEnd), start, valueStart, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return members;
}

/**
 * The text of an object with other values for some of its members, all else as it was, byte for byte. A key that
 * stands there twice is edited twice; one that is missing is put at the end.
 */
export function editMembers(
  text: string,
  edits: MemberEdits,
  members: readonly Member[] = membersOf(text),
): string {
  const missing = new Set(edits.keys());
  let edited = "{";
  for (const { key, start, valueStart, end } of members) {
    const isEdited = missing.delete(key) || edits.has(key);
    const value = isEdited ? edits.get(key) : text.slice(valueStart, end);
    if (value === undefined) continue;
    edited += `${edited === "{" ? "" : ","}${text.slice(start, valueStart)}${value}`;
  }
  for (const key of missing) {
    const value = edits.get(key);
    if (value !== undefined) edited += `${edited === "{" ? "" : ","}${JSON.stringify(key)}:${value}`;
  }
  return `${edited}}`;
}

/** A key may be written with escapes. */
function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  if (!raw.includes("\\")) return raw;
  return String(JSON.parse(text.slice(start, end + 1)));
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= SPACE_MAX) at++;
  return at;
}

/** Index behind the value that begins at `from`. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = stringEnd(text, at + 1);
      if (depth === 0) return at + 1;
    } else if (code === 0x7b || code === 0x5b) {
      depth++;
    } else if (code === 0x7d || code === 0x5d) {
      // The end of the object itself, behind a number or a word; or the end of this value.
      if (depth === 0) return trimmed(text, at);
      if (--depth === 0) return at + 1;
    } else if (code === COMMA && depth === 0) {
      return trimmed(text, at);
    }
  }
  return text.length;
}

/** Without the white space before `end`. */
function trimmed(text: string, end: number): number {
  let at = end;
  while (text.charCodeAt(at - 1) <= SPACE_MAX) at--;
  return at;
}
