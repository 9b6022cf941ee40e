/**
 * Ids: `<prefix>_` + 26 characters of Crockford base32 (the ULID layout: 48 bits of milliseconds, 80 random
 * bits), so that ids sort by the time they were made. Ids are not secrets.
 */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;
const ID_PATTERN = /^[a-z]+_[0-9A-HJKMNP-TV-Z]{26}$/;

/** Every prefix the gateway hands out; one per kind of thing. */
export type IdPrefix =
  | "req"
  | "evt"
  | "usage"
  | "audit"
  | "apikey"
  | "role"
  | "be"
  | "prov"
  | "model"
  | "route"
  | "sess"
  | "price"
  | "entry"
  | "user"
  | "tenant"
  | "partner"
  | "group"
  | "map"
  | "mg"
  | "access"
  | "budget"
  | "grant"
  | "node"
  | "led"
  | "adj"
  | "drift";

// One call to the random source per 256 ids, and a slice for each: put together letter by letter an id is 20 objects.
const pool = Buffer.alloc(RANDOM_CHARS * 256);
let letters = "";
let lettersUsed = 0;
let timeMs = -1;
let timeText = "";

function timePart(nowMs: number): string {
  if (nowMs === timeMs) return timeText;
  let rest = nowMs;
  let text = "";
  for (let i = 0; i < TIME_CHARS; i++) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  timeMs = nowMs;
  timeText = text;
  return text;
}

/** A new id of that kind. `nowMs` is the wall clock of the moment it names. */
export function newId(prefix: IdPrefix, nowMs: number): string {
  if (lettersUsed === letters.length) {
    crypto.getRandomValues(pool);
    for (let i = 0; i < pool.length; i++) pool[i] = ALPHABET.charCodeAt((pool[i] ?? 0) & 31);
    letters = pool.toString("latin1");
    lettersUsed = 0;
  }
  const random = letters.slice(lettersUsed, (lettersUsed += RANDOM_CHARS));
  return `${prefix}_${timePart(nowMs)}${random}`;
}

/** The same 26 characters under another prefix: ids that must follow from one another (usage from request). */
export function siblingId(prefix: IdPrefix, id: string): string {
  return `${prefix}_${id.slice(id.indexOf("_") + 1)}`;
}

/** Whether the text has the shape of an id of that kind. */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && ID_PATTERN.test(text);
}

/** When an id was made, epoch milliseconds. */
export function idTime(id: string): number {
  let ms = 0;
  const start = id.indexOf("_") + 1;
  for (let i = start; i < start + TIME_CHARS; i++) ms = ms * 32 + ALPHABET.indexOf(id.charAt(i));
  return ms;
}

/** The lowest id of that kind made at or after `nowMs`: a bound for scans by time. */
export function lowestIdAt(prefix: IdPrefix, nowMs: number): string {
  return `${prefix}_${timePart(nowMs)}${"0".repeat(RANDOM_CHARS)}`;
}
