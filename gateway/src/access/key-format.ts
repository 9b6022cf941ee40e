/**
 * API keys: `sgk_` + 43 random base62 characters + 6 base62 digits of the CRC32 (IEEE, reflected 0xEDB88320) of
 * those 43. The checksum refuses typing and copying mistakes without a look-up; it proves nothing else.
 */
const SCHEME = "sgk_";
/** Base62 characters of a key that are random: 256 bits. */
export const KEY_RANDOM_CHARS = 43;
const CHECKSUM_CHARS = 6;
const CHECKSUM_START = SCHEME.length + KEY_RANDOM_CHARS;
const KEY_CHARS = CHECKSUM_START + CHECKSUM_CHARS;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const NOT_A_DIGIT = -1;

/** The value of each base62 digit by its char code. */
const DIGITS: Int8Array = (() => {
  const digits = new Int8Array(128).fill(NOT_A_DIGIT);
  for (let value = 0; value < ALPHABET.length; value++) digits[ALPHABET.charCodeAt(value)] = value;
  return digits;
})();

// An own table because node:zlib's crc32 takes bytes: encoding the key would cost more than the sum itself.
const CRC_TABLE: Int32Array = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  return remainder;
});

function digitAt(text: string, index: number): number {
  return DIGITS[text.charCodeAt(index)] ?? NOT_A_DIGIT;
}

/** CRC32 of `KEY_RANDOM_CHARS` characters from `start`; undefined where one of them is not base62. */
function checksum(text: string, start: number): number | undefined {
  let crc = -1;
  for (let i = start; i < start + KEY_RANDOM_CHARS; i++) {
    if (digitAt(text, i) === NOT_A_DIGIT) return undefined;
    crc = (CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return (crc ^ -1) >>> 0;
}

/** Whether the text has the shape and the checksum of an API key (0.1 µs). Says nothing about its existence. */
export function isWellFormedKey(text: string): boolean {
  if (text.length !== KEY_CHARS || !text.startsWith(SCHEME)) return false;
  let given = 0;
  for (let i = CHECKSUM_START; i < KEY_CHARS; i++) {
    const digit = digitAt(text, i);
    if (digit === NOT_A_DIGIT) return false;
    given = given * 62 + digit;
  }
  return checksum(text, SCHEME.length) === given;
}

/** The key made of 43 random base62 characters (`base/crypto.ts` draws them). Throws RangeError on anything else. */
export function mintKey(randomPart: string): string {
  const sum = randomPart.length === KEY_RANDOM_CHARS ? checksum(randomPart, 0) : undefined;
  if (sum === undefined)
    throw new RangeError(`a key is made of exactly ${KEY_RANDOM_CHARS} base62 characters`);
  let digits = "";
  for (let rest = sum; digits.length < CHECKSUM_CHARS; rest = Math.floor(rest / 62)) {
    digits = ALPHABET.charAt(rest % 62) + digits;
  }
  return `${SCHEME}${randomPart}${digits}`;
}

/** The first eight characters: with the last four, what lists show so that a person recognises a key. */
export function keyPrefix(key: string): string {
  return key.slice(0, 8);
}

/** The last four characters. */
export function keyLast4(key: string): string {
  return key.slice(-4);
}
