import { describe, expect, test } from "bun:test";
import { covers, isInRanges, parseRange } from "../../src/base/ip-ranges.ts";

function has(range: string, address: string): boolean {
  const parsed = parseRange(range);
  if (!parsed) throw new Error(`${range} is no range`);
  return isInRanges(address, [parsed]);
}

describe("a block of addresses", () => {
  test.each([
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.7/24", "192.0.2.1", true],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.8", false],
    ["0.0.0.0/0", "8.8.8.8", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["192.0.2.0/24", "::ffff:192.0.2.9", true],
    ["::ffff:192.0.2.0/120", "192.0.2.9", true],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["::1", "::1", true],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["fe80::/10", "fe80::1%eth0", true],
    ["192.0.2.0/24", "", false],
    ["192.0.2.0/24", "nowhere", false],
  ])("%s has %s: %p", (range, address, expected) => {
    expect(has(range, address)).toBe(expected);
  });

  test.each([
    "",
    "192.0.2",
    "192.0.2.0/33",
    "192.0.2.0/-1",
    "192.0.2.0/",
    "2001:db8::/129",
    "a/b",
    "1.2.3.4/8/8",
    "fe80::1%eth0",
  ])("%p is none", (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  test.each([
    ["192.0.2.0/24", "192.0.2.128/25", true],
    ["192.0.2.128/25", "192.0.2.0/24", false],
    ["192.0.2.0/24", "192.0.2.0/24", true],
    ["192.0.2.0/24", "192.0.3.0/25", false],
    ["::/0", "10.0.0.0/8", true],
  ])("%s covers %s: %p", (outer, inner, expected) => {
    const [whole, part] = [parseRange(outer), parseRange(inner)];
    expect(whole && part && covers(whole, part)).toBe(expected);
  });
});
