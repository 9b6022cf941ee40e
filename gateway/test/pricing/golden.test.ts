import { describe, expect, test } from "bun:test";
import { formatAmount } from "../../src/base/money.ts";
import type { Usage } from "../../src/core/usage.ts";
import { charge } from "../../src/pricing/charge.ts";
import { ratesFrom, type Prices } from "../../src/pricing/rates.ts";

/**
 * Price lists as vendors publish them and amounts worked out by hand. `usage` is what the vendor's own accounting
 * maps to; the mapping itself is proved with the dialects.
 */
const VECTORS: readonly { name: string; prices: Prices; usage: Usage; amount: string }[] = [
  {
    name: "OpenAI, 1000 prompt tokens of which 400 cached, 500 out of which 100 thought",
    prices: { input_per_mtok: "2.50", cached_read_per_mtok: "1.25", output_per_mtok: "10.00" },
    usage: { input: 600, input_cached_read: 400, output: 400, output_reasoning: 100 },
    amount: "0.007",
  },
  {
    name: "OpenAI audio, text and sound on both sides",
    prices: {
      input_per_mtok: "2.50",
      input_audio_per_mtok: "40.00",
      output_per_mtok: "10.00",
      output_audio_per_mtok: "80.00",
    },
    usage: { input: 120, input_audio: 300, output: 40, output_audio: 250 },
    amount: "0.0327",
  },
  {
    name: "Anthropic, cache written for 5 minutes and for an hour, and read",
    prices: {
      input_per_mtok: "3.00",
      cached_read_per_mtok: "0.30",
      cached_write_5m_per_mtok: "3.75",
      cached_write_1h_per_mtok: "6.00",
      output_per_mtok: "15.00",
    },
    usage: {
      input: 21,
      input_cached_read: 188_086,
      input_cached_write_5m: 456,
      input_cached_write_1h: 100,
      output: 393,
    },
    amount: "0.0646938",
  },
  {
    name: "Gemini, thoughts beside the output at the output's price",
    prices: { input_per_mtok: "0.30", output_per_mtok: "2.50", cached_read_per_mtok: "0.075" },
    usage: { input: 1_000, input_cached_read: 2_000, output: 100, output_reasoning: 900 },
    amount: "0.00295",
  },
  {
    name: "DeepSeek, cache hits and misses",
    prices: { input_per_mtok: "0.28", cached_read_per_mtok: "0.028", output_per_mtok: "0.42" },
    usage: { input: 1_024, input_cached_read: 8_960, output: 77 },
    amount: "0.00056994",
  },
  {
    name: "Groq, a price with no cached rate charges cached tokens as input",
    prices: { input_per_mtok: "0.05", output_per_mtok: "0.08" },
    usage: { input: 100, input_cached_read: 100, output: 1 },
    amount: "0.00001008",
  },
  {
    name: "Perplexity, searches and a fee per request",
    prices: { input_per_mtok: "3", output_per_mtok: "15", per_search: "0.005", per_request: "0.006" },
    usage: { input: 10, output: 100, search: 3, request: 1 },
    amount: "0.02253",
  },
  {
    name: "transcription by the second, counted in milliseconds",
    prices: { per_second: "0.0001" },
    usage: { second: 12_345 },
    amount: "0.0012345",
  },
  {
    name: "speech by the character and images by the piece",
    prices: { per_mchar: "15.00", per_image: "0.04" },
    usage: { character: 4_096, image: 2 },
    amount: "0.14144",
  },
  {
    name: "the sandbox",
    prices: { input_per_mtok: "1.00", output_per_mtok: "3.00" },
    usage: { input: 19, output: 22 },
    amount: "0.000085",
  },
];

describe("golden price vectors", () => {
  test.each(VECTORS)("$name costs $amount", ({ prices, usage, amount }) => {
    const { rates } = ratesFrom(prices);
    expect(rates && formatAmount(charge(usage, rates))).toBe(amount);
  });
});
