import { describe, expect, test } from "bun:test";
import { readBearer } from "../../src/access/bearer.ts";

const KEY = "sgk_ScaiGridExampleKeyNeverUseThisOneAnywhere002c29tj";
const OTHER = "sgk_00000000000000000000000000000000000000000002CZclj";

describe("the Authorization header", () => {
  test.each([`Bearer ${KEY}`, `bearer ${KEY}`, `BEARER   ${KEY} `])("%p holds the key", (header) => {
    expect(readBearer(header)).toEqual({ key: KEY });
  });

  test.each([null, undefined, "", "   "])("%p is a missing key", (header) => {
    expect(readBearer(header)).toEqual({ refusal: "AUTH_TOKEN_MISSING" });
  });

  test.each([
    KEY,
    "Bearer",
    "Bearer ",
    "Bearer sgk_your_key_here",
    `Basic ${KEY}`,
    `Bearer${KEY}`,
    `Bearer ${KEY} ${KEY}`,
    `Bearer "${KEY}"`,
    `Bearer ${KEY}, Bearer ${OTHER}`,
    `Bearer ${KEY}, Bearer ${KEY}`,
    `, Bearer ${KEY}`,
  ])("%p is refused as invalid", (header) => {
    expect(readBearer(header)).toEqual({ refusal: "AUTH_TOKEN_INVALID" });
  });
});
