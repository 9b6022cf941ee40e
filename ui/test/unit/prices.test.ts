import { expect, test } from "bun:test";
import { NO_PRICE, NO_PRICES, pricesBody, typedFrom, withTier } from "../../src/features/prices/fields.ts";

test("what a price has comes out of its form as it went in", () => {
  const prices = {
    input_per_mtok: "2.5",
    output_per_mtok: "10",
    cached_read_per_mtok: "0",
    per_image: "0.04",
    tiers: [{ above_input_tokens: 200_000, input_per_mtok: "5", output_per_mtok: "15" }],
    batch_factor: "0.5",
  };
  expect(pricesBody(typedFrom(prices))).toEqual(prices);
});

test("what is empty is not said, and a tier that was removed leaves the others their rows", () => {
  const draft = withTier(withTier(NO_PRICE));
  expect(pricesBody(NO_PRICE)).toEqual({});
  const rest = { ...draft, tiers: draft.tiers.slice(1) };
  expect(withTier(rest).tiers.map(({ id }) => id)).toEqual([1, 2]);
  const typed = { ...NO_PRICES, input_per_mtok: "1" };
  expect(pricesBody({ ...NO_PRICE, tiers: [{ id: 0, above: "7", prices: typed }] })).toEqual({
    tiers: [{ above_input_tokens: 7, input_per_mtok: "1" }],
  });
});
