import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY_CHARS = 43;
const CHECK_CHARS = 6;

/** Any API key in a text. */
export const KEY_PATTERN = /sgk_[0-9A-Za-z]{49}/g;

/**
 * A fresh well-formed API key: `sgk_`, 43 random base62 characters, and their CRC32 as six base62 digits.
 * Written from the format's description, not with the gateway's code: the two check each other.
 */
export function mintTestKey(): string {
  let body = "";
  // Evenness does not matter for a test key, so the remainder will do.
  for (const byte of randomBytes(BODY_CHARS)) body += ALPHABET.charAt(byte % ALPHABET.length);
  let rest = Bun.hash.crc32(body);
  let check = "";
  for (let i = 0; i < CHECK_CHARS; i++) {
    check = ALPHABET.charAt(rest % ALPHABET.length) + check;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return `sgk_${body}${check}`;
}
