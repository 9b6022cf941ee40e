import { expect, test } from "bun:test";
import { withoutSecret } from "../../src/core/told-fault.ts";

const apiKey = "sk-live/Ab+3.zZ-0123456789";

/** Every character, or every second one, as its number. */
function numbered(text: string, step: number, upper = false): string {
  const characters = text.split("").map((character, at) => {
    const hex = character.charCodeAt(0).toString(16).padStart(4, "0");
    return at % step === 0 ? `\\u${upper ? hex.toUpperCase() : hex}` : character;
  });
  return characters.join("");
}

test.each([
  ["as it is", apiKey],
  ["with its slashes escaped", apiKey.replaceAll("/", "\\/")],
  ["as numbers", numbered(apiKey, 1)],
  ["as numbers in capitals", numbered(apiKey, 1, true)],
  ["partly as numbers", numbered(apiKey, 2)],
])("an answer that quotes the key %s goes on without it", (_name, written) => {
  const text = `{"message":"Incorrect API key provided: ${written}. Ä","type":"x"}`;
  // Whoever reads it would get the key.
  expect(JSON.parse(text).message).toContain(apiKey);
  // Tokens and signatures are no less secret than keys.
  expect(withoutSecret(text, { secrets: ["another", apiKey] })).toBe(withoutSecret(text, { apiKey }));
  const told = withoutSecret(text, { apiKey });
  expect(JSON.parse(told).message).toBe("Incorrect API key provided: (redacted). Ä");
});

test("an answer that escapes other things stays as it is", () => {
  const text = '{"a":"\\u003cb\\u003e https:\\/\\/example.com \\u00e4"}';
  expect(withoutSecret(text, { apiKey })).toBe(text);
});
