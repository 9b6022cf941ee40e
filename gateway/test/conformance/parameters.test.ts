import { describe, expect, test } from "bun:test";
import { ASKED, fateOf } from "../../../scripts/docs/parameters.ts";
import { SAMPLES } from "../../../scripts/docs/parameter-samples.ts";

/** Stays here on purpose: it is kept with the usage record. */
const KEPT_HERE = ["`metadata`"];
/** What costs money by itself, wherever there is a place for it. */
const DEAR = ['`service_tier` "flex"', "`web_search_options`", "`modalities` with audio", "`audio`"];

describe("no field of a request vanishes", () => {
  test.each(ASKED.map((asked) => [asked.title, asked] as const))(
    "on the way to a backend that speaks the format of %s: it is sent, named as dropped, or refused",
    (_title, asked) => {
      const vanished = SAMPLES.filter((sample) => fateOf(sample, asked).kind === "nothing");
      expect(vanished.map(({ field }) => field)).toEqual(KEPT_HERE);
    },
  );

  test.each(ASKED.map((asked) => [asked.title, asked] as const))(
    "and what costs money without a price is refused by %s",
    (_title, asked) => {
      const dear = SAMPLES.filter(({ field }) => DEAR.includes(field));
      expect(dear.map((sample) => fateOf(sample, asked).kind)).toEqual(DEAR.map(() => "refused"));
    },
  );
});
