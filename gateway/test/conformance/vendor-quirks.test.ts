import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { outputTokens } from "../../src/core/usage.ts";
import { openaiChat } from "../../src/dialects/openai-chat/openai-chat.ts";
import { KNOWN_VENDORS, vendorName } from "../../src/providers/catalogue.ts";
import type { Vendor } from "../../src/providers/vendor.ts";

const folder = join(import.meta.dir, "../../../../shared/fixtures/providers");
const ASKED = {
  model: "acme/model",
  messages: [{ role: "user" as const, content: "hi" }],
  stream: true,
  max_tokens: 5,
  seed: 1,
  user: "u",
};

function vendorNamed(name: string): Vendor {
  const vendor = KNOWN_VENDORS.find((known) => vendorName(known) === name);
  if (vendor === undefined) throw new Error(`no vendor ${name}`);
  return vendor;
}

function sentTo(name: string): Readonly<Record<string, unknown>> {
  const { body } = openaiChat.build(ASKED, { upstreamModel: "m", quirks: vendorNamed(name).quirks });
  return JSON.parse(body) as Record<string, unknown>;
}

describe("the quirks of a vendor", () => {
  test.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ["openai", { max_completion_tokens: 5, max_tokens: undefined, stream_options: { include_usage: true } }],
    // Each of these fields is a 422 there.
    [
      "mistral",
      { max_tokens: 5, random_seed: 1, seed: undefined, user: undefined, stream_options: undefined },
    ],
    ["minimax", { max_completion_tokens: 5, max_tokens: undefined }],
    ["zhipu", { max_tokens: 5, stream_options: undefined }],
    ["groq", { max_tokens: 5, seed: 1, user: "u", stream_options: { include_usage: true } }],
  ])("of %s decide what is sent", (name, fields) => {
    const sent = sentTo(name);
    for (const [field, value] of Object.entries(fields)) expect([field, sent[field]]).toEqual([field, value]);
  });
});

if (!existsSync(folder)) {
  console.error(
    "SKIP the quirks against recorded answers: the folder with them is not beside the repository",
  );
} else {
  const unasked = KNOWN_VENDORS.filter(({ quirks }) => quirks.noStreamOptions === true).map(vendorName);
  const recorded = unasked.filter((name) => existsSync(join(folder, name)));
  test("there are recordings of a vendor that is not asked for usage", () => {
    expect(recorded).toContain("mistral");
  });
  for (const name of recorded) {
    for (const file of readdirSync(join(folder, name)).filter((each) => each.endsWith(".chunks.txt"))) {
      test(`${file}: ${name} reports usage in a stream without being asked`, () => {
        const decoder = openaiChat.streamDecoder();
        const lines = readFileSync(join(folder, name, file), "utf8").split("\n");
        const events = lines
          .map((line) => line.replace(/^data: /, ""))
          .filter((line) => line.startsWith("{"))
          .flatMap((line) => decoder.push(line, undefined));
        const usage = events.flatMap((event) => (event.type === "usage" ? [event.usage] : [])).at(-1);
        expect(usage && outputTokens(usage)).toBeGreaterThan(0);
      });
    }
  }
}
