import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { crc32 } from "node:zlib";
import {
  isWellFormedKey,
  keyLast4,
  keyPrefix,
  KEY_RANDOM_CHARS,
  mintKey,
} from "../../src/access/key-format.ts";
import { randomBase62 } from "../../src/base/crypto.ts";

const VECTORS = [
  "sgk_00000000000000000000000000000000000000000002CZclj",
  "sgk_ScaiGridExampleKeyNeverUseThisOneAnywhere002c29tj",
  "sgk_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz0UsatS",
] as const;
const [FIRST] = VECTORS;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const base62 = fc
  .array(fc.constantFrom(...ALPHABET.split("")), { minLength: KEY_RANDOM_CHARS, maxLength: KEY_RANDOM_CHARS })
  .map((characters) => characters.join(""));

describe("key format", () => {
  test.each(VECTORS)("the published vector %s is well formed and is what its random part mints", (key) => {
    expect(isWellFormedKey(key)).toBe(true);
    expect(mintKey(key.slice(4, 4 + KEY_RANDOM_CHARS))).toBe(key);
  });

  test.each([
    ["a placeholder", "sgk_your_key_here"],
    ["nothing", ""],
    ["the last character changed", `${FIRST.slice(0, -1)}k`],
    ["a space inside", `${FIRST.slice(0, 20)} ${FIRST.slice(21)}`],
    ["a hyphen inside", `${FIRST.slice(0, 20)}-${FIRST.slice(21)}`],
    ["a hyphen in the checksum", `${FIRST.slice(0, -1)}-`],
    ["a letter beyond ASCII", `${FIRST.slice(0, 20)}é${FIRST.slice(21)}`],
    ["52 characters", FIRST.slice(0, -1)],
    ["54 characters", `${FIRST}0`],
    ["another scheme", `sgx_${FIRST.slice(4)}`],
    ["an upper-case scheme", `SGK_${FIRST.slice(4)}`],
  ])("%s is not well formed", (_what, text) => {
    expect(isWellFormedKey(text)).toBe(false);
  });

  test("every minted key is well formed, and any one changed character makes it malformed", () => {
    fc.assert(
      fc.property(
        base62,
        fc.nat(48),
        fc.constantFrom(...ALPHABET.split("")),
        (random, position, character) => {
          const key = mintKey(random);
          expect(isWellFormedKey(key)).toBe(true);
          const changed = `${key.slice(0, 4 + position)}${character}${key.slice(5 + position)}`;
          expect(isWellFormedKey(changed)).toBe(changed === key);
        },
      ),
    );
  });

  test("the checksum is the IEEE CRC32 as zlib computes it", () => {
    fc.assert(
      fc.property(base62, (random) => {
        let value = 0;
        for (const digit of mintKey(random).slice(-6)) value = value * 62 + ALPHABET.indexOf(digit);
        expect(value).toBe(crc32(random));
      }),
    );
  });

  test("what is not 43 base62 characters cannot be minted", () => {
    for (const text of ["", "0".repeat(42), "0".repeat(44), `${"0".repeat(42)}-`]) {
      expect(() => mintKey(text)).toThrow(RangeError);
    }
    expect(isWellFormedKey(mintKey(randomBase62(KEY_RANDOM_CHARS)))).toBe(true);
  });

  test("lists show eight characters in front and four at the end", () => {
    expect(keyPrefix(FIRST)).toBe("sgk_0000");
    expect(keyLast4(FIRST)).toBe("Zclj");
  });
});
