import { describe, expect, test } from "bun:test";
import { TokenRatio, USUAL_PER_KB } from "../../src/pricing/token-ratio.ts";

/** Calls with texts of so many bytes, of which a tokenizer makes `perKb` tokens for each 1 000. */
function learned(perKb: number, calls = 200, ratio = new TokenRatio()): TokenRatio {
  for (let n = 0; n < calls; n++) {
    const bytes = 40 + ((n * 97) % 3_000);
    ratio.learn(bytes, Math.round((bytes * perKb) / 1_000));
  }
  return ratio;
}

describe("the ratio of tokens to bytes", () => {
  test.each([100, 180, 250, 430, 900])(
    "comes to what a tokenizer makes of a text: %d of 1 000 bytes",
    (perKb) => {
      expect(Math.abs(learned(perKb).perKb - perKb)).toBeLessThanOrEqual(perKb * 0.02);
    },
  );

  test("is the usual one until enough has been seen", () => {
    expect(learned(900, 15).perKb).toBe(USUAL_PER_KB);
    const short = new TokenRatio();
    for (let n = 0; n < 100; n++) short.learn(10, 9);
    expect(short.perKb).toBe(USUAL_PER_KB);
  });

  test.each([
    ["too much", 2 ** 53 - 1, 1_000],
    ["too little", 1, 62],
  ])("goes no further than its limits where an upstream reports %s", (_lie, tokens, limit) => {
    const ratio = new TokenRatio();
    for (let n = 0; n < 5_000; n++) ratio.learn(4_000, tokens);
    expect(ratio.perKb).toBe(limit);
  });

  test("is hardly moved by one lie among true reports, however large", () => {
    const ratio = learned(250);
    const before = ratio.perKb;
    ratio.learn(10_000_000, 10_000_000);
    expect(ratio.perKb / before).toBeLessThan(1.6);
    learned(250, 2_000, ratio);
    expect(Math.abs(ratio.perKb - 250)).toBeLessThanOrEqual(10);
  });

  test("follows a model that is replaced under its name", () => {
    const ratio = learned(250, 3_000);
    learned(500, 6_000, ratio);
    expect(Math.abs(ratio.perKb - 500)).toBeLessThanOrEqual(15);
  });

  test("learns nothing of a report of nothing, or of a text of nothing", () => {
    const ratio = learned(400);
    const { seen } = ratio;
    ratio.learn(100, 0);
    ratio.learn(0, 100);
    ratio.learn(100, -5);
    expect(ratio.seen).toEqual(seen);
  });

  test("is recalled, whatever was kept", () => {
    const recalled = new TokenRatio();
    recalled.recall(learned(430).seen);
    expect(recalled.perKb).toBe(learned(430).perKb);
    const spoilt = new TokenRatio();
    spoilt.recall({ calls: 100, bytes: 10_000, milliTokens: 10 ** 15 });
    expect(spoilt.perKb).toBe(1_000);
  });
});
