import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { slugOwner } from "../../src/access/slugs.ts";
import { offeredSlug } from "../../src/core/slug.ts";
import { isPricedForTokens } from "../../src/pricing/bound.ts";
import { givenPrices, tieredFrom } from "../../src/pricing/tiers.ts";
import { KNOWN_VENDORS, vendorName } from "../../src/providers/catalogue.ts";
import { PriceCatalogue } from "../../src/providers/price-catalogue.ts";
import { CATALOGUE_FILE, makeCatalogue } from "../../../scripts/price-catalogue.ts";

const FACTS = join(import.meta.dir, "../../../../shared/data/model-catalogue.json");
const SIX_DECIMALS = /^\d+(\.\d{0,5}[1-9])?$/;

describe("the shipped price catalogue", () => {
  test("says where it is from and of which day", async () => {
    const { source, date, currency, mark } = await PriceCatalogue.shipped();
    expect(source).toContain("models.dev");
    expect(date).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect([currency, mark]).toEqual(["USD", `models.dev, ${date}`]);
  });

  test("offers no classifier, which answers with a score, among the models to talk to", async () => {
    const catalogue = await PriceCatalogue.shipped();
    const offered = catalogue.servedBy("groq").map(({ id }) => id);
    expect(offered.length).toBeGreaterThan(5);
    expect(offered.filter((id) => id.includes("prompt-guard"))).toEqual([]);
  });

  test("has a well-formed price, limits and a slug for every model it offers", async () => {
    const catalogue = await PriceCatalogue.shipped();
    let offered = 0;
    for (const vendor of KNOWN_VENDORS.map(vendorName)) {
      for (const model of catalogue.servedBy(vendor)) {
        offered++;
        const made = tieredFrom(givenPrices(model.prices));
        expect([model.id, made.issues]).toEqual([model.id, undefined]);
        if (made.issues === undefined) expect(isPricedForTokens(made.rates)).toBe(true);
        expect(model.context_window).toBeGreaterThan(0);
        expect(model.max_output_tokens ?? 1).toBeLessThanOrEqual(model.context_window);
        expect(slugOwner(offeredSlug(vendor, model.id) ?? "")).toEqual({ level: "platform" });
      }
    }
    expect(offered).toBeGreaterThan(300);
  });

  test("prices what is cached for an hour where the facts do", async () => {
    const anthropic = (await PriceCatalogue.shipped()).modelsOf("anthropic");
    const hourly = anthropic.flatMap(({ prices }) => prices?.cached_write_1h_per_mtok ?? []);
    expect(hourly.length).toBeGreaterThan(5);
  });

  test("has no price finer than six decimals", () => {
    const prices = readFileSync(CATALOGUE_FILE, "utf8").matchAll(/_per_mtok":"([^"]*)"/g);
    const odd = [...prices].map(([, price]) => price ?? "").filter((price) => !SIX_DECIMALS.test(price));
    expect(odd).toEqual([]);
  });

  test("keeps tiers and every bucket that the facts have", async () => {
    const find = async (vendor: string, id: string) =>
      (await PriceCatalogue.shipped()).modelsOf(vendor).find((model) => model.id === id)?.prices;
    expect(await find("openai", "gpt-5.4")).toEqual({
      input_per_mtok: "2.5",
      cached_read_per_mtok: "0.25",
      output_per_mtok: "15",
      tiers: [
        {
          above_input_tokens: 272_000,
          input_per_mtok: "5",
          cached_read_per_mtok: "0.5",
          output_per_mtok: "22.5",
        },
      ],
    });
    expect(await find("qwen", "qwen3-32b")).toMatchObject({ reasoning_per_mtok: "8.4" });
    expect(await find("google", "gemini-2.5-flash")).toMatchObject({ input_audio_per_mtok: "1" });
    expect(await find("perplexity", "sonar-deep-research")).toBeUndefined();
  });
});

describe("making a catalogue", () => {
  const model = {
    cost: { input: "1.0000001", output: "2.50" },
    limit: { context: 100, output: 10 },
    modalities: { input: ["text"], output: ["text"] },
  };
  const facts = (models: object) => ({
    source: "somewhere, some commit",
    date: "2026-01-02",
    providers: {
      ...Object.fromEntries(allVendors().map((name) => [name, { models: {} }])),
      openai: { models },
    },
  });
  const rows = (models: object) => {
    const { text, gaps } = makeCatalogue(facts(models));
    const [, ...lines] = text.trimEnd().split("\n");
    return { rows: lines.map((line): unknown => JSON.parse(line)), gaps };
  };

  test("rounds what is finer than six decimals up, and reports it", () => {
    const { rows: made, gaps } = rows({ a: model });
    expect(made).toMatchObject([{ id: "a", prices: { input_per_mtok: "1.000001", output_per_mtok: "2.5" } }]);
    expect(gaps).toMatchObject([{ model: "a", problem: "1.0000001 has more than six decimals: rounded up" }]);
  });

  test("prices an hour in Claude's cache at twice the plain input, which the facts leave out", () => {
    const cost = { input: "0.8", cache_write: "1.000000", output: "4" };
    const { rows: made } = rows({ "a-claude-b": { ...model, cost }, other: { ...model, cost } });
    const fiveMinutes = { input_per_mtok: "0.8", cached_write_5m_per_mtok: "1", output_per_mtok: "4" };
    expect(made).toMatchObject([
      { id: "a-claude-b", prices: { ...fiveMinutes, cached_write_1h_per_mtok: "1.6" } },
      { id: "other", prices: fiveMinutes },
    ]);
    expect(JSON.stringify(made[1])).not.toContain("1h");
  });

  test("leaves a model unpriced, and says so, whose price has a part that no bucket fits", () => {
    const { rows: made, gaps } = rows({ a: { ...model, cost: { input: "1", output: "1", citation: "2" } } });
    expect(made).toMatchObject([{ id: "a" }]);
    expect(JSON.stringify(made)).not.toContain("per_mtok");
    expect(gaps).toMatchObject([{ problem: "left unpriced: no bucket for citation" }]);
  });

  test("takes missing limits from the same model elsewhere, the lowest of them", () => {
    const elsewhere = { a: { ...model, limit: undefined, base_model: "x/m" } };
    const known = (context: number) => ({ ...model, base_model: "x/m", limit: { context, output: 9 } });
    const { rows: made } = rows({ ...elsewhere, b: known(80), c: known(90) });
    expect(made[0]).toMatchObject({ id: "a", context_window: 80, max_output_tokens: 9 });
  });

  test("refuses a price that is no decimal", () => {
    expect(() => rows({ a: { ...model, cost: { input: "free", output: "1" } } })).toThrow();
  });

  function allVendors(): string[] {
    const known =
      "anthropic google google-vertex azure amazon-bedrock cohere mistral alibaba groq togetherai";
    const more =
      "fireworks-ai deepseek xai openrouter perplexity cerebras nvidia deepinfra moonshotai zhipuai";
    return `${known} ${more} minimax huggingface openai`.split(" ");
  }
});

if (!existsSync(FACTS)) {
  console.error("SKIP the catalogue against its source: the source is not beside the repository");
} else {
  test("the committed catalogue is what the script makes of its source", async () => {
    const { text } = makeCatalogue(await Bun.file(FACTS).json());
    expect(text === readFileSync(CATALOGUE_FILE, "utf8")).toBe(true);
  });
}
